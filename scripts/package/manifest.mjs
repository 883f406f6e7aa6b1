// The package.json of the npm package.

/**
 * @param {string} types
 * @param {string} file
 */
const entry = (types, file) => ({ types: `./types/${types}`, default: `./${file}` });

/**
 * @param {object} options
 * @param {string} options.version
 * @param {string} options.license
 * @param {Record<string, string>} options.engines
 */
export function manifest({ version, license, engines }) {
  return {
    name: 'gatescope',
    version,
    description:
      'Shows where training moved a language model’s weights: a custom element for reports, and ' +
      'the comparison of checkpoints in the browser',
    keywords: ['safetensors', 'checkpoint', 'weights', 'reinforcement-learning', 'custom-element'],
    license,
    type: 'module',
    engines,
    exports: {
      '.': entry('package/element.d.ts', 'gate-scope.js'),
      './element.min.js': entry('package/element.d.ts', 'element.min.js'),
      './analyze': entry('package/analyze.d.ts', 'analyze.js'),
      './worker.js': entry('package/worker.d.ts', 'worker.js'),
      './gatescope_bg.wasm': './gatescope_bg.wasm',
      './report.schema.json': './report.schema.json',
      './custom-elements.json': './custom-elements.json',
      './package.json': './package.json',
    },
    customElements: 'custom-elements.json',
    unpkg: './element.min.js',
    jsdelivr: './element.min.js',
    // The element defines itself, and a worker listens; `analyze` alone does nothing.
    sideEffects: ['./gate-scope.js', './element.min.js', './worker.js'],
    files: [
      '*.js',
      '*.wasm',
      '*.schema.json',
      'custom-elements.json',
      'chunks',
      'types',
      'LICENSE-*',
    ],
  };
}
