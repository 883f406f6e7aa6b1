// The page: everything it needs set up and built, and a local server for it.
import { fromRoot, root } from './root.mjs';
import { buildExports } from '../export/build.mjs';
import { hashFiles, unlessCurrent } from './stamp.mjs';
import { waitForAll } from './promises.mjs';
import { say } from './run.mjs';
import { writeServiceWorker } from './service-worker.mjs';
import { buildWasm } from './wasm.mjs';
import { ensureNpmPackages } from '../setup/npm.mjs';

const SOURCES = [
  'index.html',
  'embed.html',
  'www',
  'docs/figures.json',
  'scripts/export',
  'samples',
  'public',
  'vite.config.js',
  'scripts/lib/service-worker.mjs',
  'vite.element.config.js',
  'vite.standalone.config.js',
  'package.json',
  'package-lock.json',
];

/** npm packages, Rust tools, wasm and dist/, each only where missing or out of date. */
export async function buildPage() {
  // The test run builds once and then starts many scripts.
  if (process.env.GATESCOPE_BUILT === '1') return;
  await waitForAll(buildWasm(), ensureNpmPackages());
  const inputs = hashFiles(SOURCES.map((name) => fromRoot(name)));
  await unlessCurrent('page', inputs, fromRoot('dist', 'index.html'), async () => {
    say('building the page');
    // Imported late: on a fresh checkout Vite is not there before ensureNpmPackages.
    const { build } = await import('vite');
    await build({ root, logLevel: 'warn' });
    await buildExports();
    // Last, since it lists what is there.
    writeServiceWorker(fromRoot('dist'));
  });
}

/**
 * Serves dist/ on localhost. `port` 0 takes any free port; another one that is taken gives way to
 * the next. Returns the address and a function that stops the server. A file that is not there has
 * status 404, as on any static host.
 */
export async function servePage({ port = 0, folder = fromRoot('dist') } = {}) {
  const { preview } = await import('vite');
  const server = await preview({
    root,
    appType: 'mpa',
    logLevel: 'warn',
    build: { outDir: folder },
    preview: { port, strictPort: false },
  });
  return {
    url: /** @type {string} */ (server.resolvedUrls?.local[0]),
    close: () => server.close(),
  };
}
