import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { figureTexts, plainImports } from './scripts/export/figure-texts.mjs';

/** @param {string} name */
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What every first view has. */
const CORE = new RegExp(
  [
    String.raw`www/element/(?!embed)`,
    String.raw`www/dom/(?:elements|redraw|svg)\.`,
    String.raw`www/panels/rest-of\.`,
    String.raw`www/report/(?:cast|comparison|derived|directions|filter)\.`,
    String.raw`www/report/(?:format|means|message|metrics)\.`,
    String.raw`www/report/(?:run-colours|short-values)\.`,
    'figures-without',
  ].join('|'),
);

/** What is small, and shared by charts of runs. */
const COMMON = new RegExp(
  String.raw`www/report/(?:identical|outside|rounding|rows|run-names|short-name)\.js`,
);

/** What sentences and dots have in common. */
const PLACED = new RegExp(
  String.raw`www/report/(?:adapter|cast-words|placement|plain-rows|ratios|reported|row-values)\.js`,
);

/** What dots and energy have in common. */
const RUNS = new RegExp(
  String.raw`www/(?:panels/parts|report/describe-reading)\.js` +
    String.raw`|www/charts/(?:drawing|run-dots|spread-out|log-axis)\.js`,
);

/** What a heatmap's first view has. */
const HEATMAP = new RegExp(
  String.raw`www/(?:panels/heatmap(?!-(?:rest|headline|none|pair))` +
    String.raw`|charts/heat(?:map|-(?!keys)))[^/]*\.js`,
);

/**
 * The element without the charts of one tensor, and so without their library: for fragments.
 *
 * @returns {import('vite').Plugin}
 */
const lightPanels = () => ({
  name: 'light-panels',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('panels/index.js') ? here('./www/panels/light.js') : null),
});

/** Modes that make one classic script, with its name. @type {Record<string, string>} */
const SINGLE = { single: 'element.min', light: 'element.light.min' };

/**
 * The custom element: with its panels in files of their own and the page for frames, or, as mode
 * `single` or `light`, in one classic script, for a tag with its hash and for fragments.
 */
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [figureTexts(), plainImports(), mode === 'light' && lightPanels()],
  build: {
    target: 'es2022',
    // Else light-dark() becomes a guess that no `color-scheme` of the page around reaches.
    cssTarget: 'esnext',
    outDir: 'dist',
    emptyOutDir: false,
    assetsInlineLimit: 0,
    // What loads is small; the helper that loads ahead is not.
    modulePreload: false,
    copyPublicDir: false,
    rolldownOptions:
      mode in SINGLE
        ? {
            input: { [SINGLE[mode]]: here('./www/element/gate-scope.js') },
            output: {
              format: 'iife',
              codeSplitting: false,
              entryFileNames: 'element/[name].js',
            },
            // A classic script has none, and nothing asks it for its address.
            transform: { define: { 'import.meta': '{}' } },
          }
        : {
            input: {
              'gate-scope': here('./www/element/gate-scope.js'),
              embed: here('./embed.html'),
            },
            preserveEntrySignatures: 'exports-only',
            output: {
              entryFileNames: 'element/[name].js',
              chunkFileNames: 'element/chunks/[name]-[hash].js',
              assetFileNames: 'element/[name]-[hash][extname]',
              // What every first view has is one file: less to ask for, and it packs better.
              codeSplitting: {
                groups: [
                  { name: 'core', test: CORE, priority: 3 },
                  { name: 'common', test: COMMON, priority: 2 },
                  { name: 'runs', test: RUNS, priority: 2 },
                  { name: 'placed', test: PLACED, priority: 2 },
                  { name: 'grid', test: /www\/report\/(?:grid|module-names)\./, priority: 2 },
                  {
                    name: 'readings',
                    test: /www\/report\/(?:colour-scale|readings)\./,
                    priority: 2,
                  },
                  { name: 'heatmap', test: HEATMAP, priority: 1 },
                ],
              },
            },
          },
  },
}));
