// The custom element in the package: with a chunk for each panel, and as one file without imports,
// of which a digest can be taken.
import { figureTexts, plainImports } from '../export/figure-texts.mjs';
import { fromRoot, root } from '../lib/root.mjs';

const SOURCE = fromRoot('www', 'element', 'gate-scope.js');

/**
 * @param {string} folder
 * @param {string} name
 * @param {boolean} split
 * @returns {import('vite').InlineConfig}
 */
const configure = (folder, name, split) => ({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  base: './',
  plugins: [figureTexts(), plainImports()],
  build: {
    target: 'es2022',
    // Else light-dark() becomes a guess that no `color-scheme` of the page around reaches.
    cssTarget: 'esnext',
    outDir: folder,
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false,
    rolldownOptions: {
      input: { [name]: SOURCE },
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name]-[hash].js',
        ...(!split && { codeSplitting: false }),
      },
    },
  },
});

/** @param {string} folder */
export async function buildElement(folder) {
  // Imported late: on a fresh checkout Vite is not there before the packages are.
  const { build } = await import('vite');
  await build(configure(folder, 'gate-scope', true));
  await build(configure(folder, 'element.min', false));
}
