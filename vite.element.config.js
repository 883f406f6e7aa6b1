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
    String.raw`www/report/(?:coverage|derived|filter|format|means|metrics)\.`,
    String.raw`www/report/(?:run-colours|short-values)\.`,
    'figures-without',
  ].join('|'),
);

/** What a heatmap's first view has. */
const HEATMAP = /www\/(?:panels\/heatmap(?!-rest)|charts\/heat(?:map|-(?!keys)))[^/]*\.js/;

/**
 * The custom element: with its panels in files of their own and the page for frames, or, as mode
 * `single`, all in one classic script, for a tag with its hash and for fragments.
 */
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [figureTexts(), plainImports()],
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
      mode === 'single'
        ? {
            input: { 'element.min': here('./www/element/gate-scope.js') },
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
