// The element and the exports, built with the panels of fixture-panels.js in place of the page's
// own, and pages that use them.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { servePage } from '../../scripts/lib/page.mjs';
import { fromRoot, root } from '../../scripts/lib/root.mjs';
import { smallReport } from '../unit/small-report.mjs';
import { watch } from '../e2e/harness.mjs';

export { smallReport };

const PANELS = fromRoot('tests', 'views', 'fixture-panels.js');
const ENTRY = 'virtual:exports';
const EXPORTS = ['chart', 'menu', 'table', 'html'];

const fixture = {
  name: 'fixture-panels',
  enforce: 'pre',
  resolveId(id) {
    if (id === ENTRY) return `\0${ENTRY}`;
    return id.endsWith('panels/index.js') ? PANELS : null;
  },
  load: (id) => {
    if (id.endsWith('panels/light.js')) return `export * from ${JSON.stringify(PANELS)};`;
    return id === `\0${ENTRY}`
      ? [
          "import '/www/styles/index.css';",
          ...EXPORTS.map((name) => `export * from '/www/exports/${name}.js';`),
          "export { readWholeReport } from '/www/report/read-whole.js';",
        ].join('\n')
      : undefined;
  },
};

/** Builds into `folder`: element/gate-scope.js, exports.js and exports.css. */
async function buildInto(folder) {
  const common = { root, logLevel: 'warn', plugins: [fixture] };
  const configFile = fromRoot('vite.element.config.js');
  const outDir = { outDir: folder };
  await build({ ...common, configFile, build: outDir });
  for (const mode of ['single', 'light'])
    await build({ ...common, configFile, mode, build: outDir });
  await build({
    ...common,
    configFile: false,
    base: './',
    build: {
      ...outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: false,
      cssCodeSplit: false,
      cssTarget: 'esnext',
      rolldownOptions: {
        input: { exports: ENTRY },
        preserveEntrySignatures: 'strict',
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name].js',
          assetFileNames: (asset) => (asset.names[0]?.endsWith('.css') ? 'exports.css' : '[name]'),
        },
      },
    },
  });
}

/**
 * A browser on a folder with all that, and report.json in it. `open(html)` shows a page with this
 * body and gives it with the list of its problems.
 */
export async function openExports() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-exports-'));
  await buildInto(folder);
  const put = (name, content) => writeFileSync(path.join(folder, name), content);
  put('report.json', JSON.stringify(smallReport()));
  const server = await servePage({ folder });
  const browser = await launchChromium({ webgpu: false });
  let pages = 0;
  return {
    folder,
    url: server.url,
    browser,
    put,
    copy: (from, to) => cpSync(from, path.join(folder, to), { recursive: true }),
    async open(body, { head = '', viewport = { width: 900, height: 700 }, before } = {}) {
      pages += 1;
      const name = `page-${pages}.html`;
      put(
        name,
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>` +
          `<link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`,
      );
      const page = await browser.newPage();
      await page.setViewport(viewport);
      const problems = watch(page, new URL(server.url).origin);
      await before?.(page);
      await page.goto(`${server.url}${name}`, { waitUntil: 'load' });
      return { page, problems };
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
