import { defineConfig } from 'vite';

const ENTRY = 'virtual:standalone';

/** The page of an exported file: its script and its styles, without a document around them. */
function entry() {
  return {
    name: 'standalone-entry',
    /** @param {string} id */
    resolveId: (id) => (id === ENTRY ? `\0${ENTRY}` : null),
    /** @param {string} id */
    load: (id) =>
      id === `\0${ENTRY}`
        ? "import '/www/styles/index.css'; import '/www/standalone.js';"
        : undefined,
  };
}

/** One classic script and one sheet; scripts/export/standalone.mjs puts them into a document. */
export default defineConfig({
  base: './',
  plugins: [entry()],
  build: {
    target: 'es2022',
    // Else light-dark() becomes a guess that no `color-scheme` of the page around reaches.
    cssTarget: 'esnext',
    write: false,
    cssCodeSplit: false,
    modulePreload: false,
    copyPublicDir: false,
    rolldownOptions: {
      input: { standalone: ENTRY },
      output: { format: 'iife', codeSplitting: false },
      // A classic script has none, and nothing asks it for its address.
      transform: { define: { 'import.meta': '{}' } },
    },
  },
});
