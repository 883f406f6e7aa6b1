// Builds the npm package: the element, the comparison without a page, its worker and wasm, types.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fromRoot } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';
import { Problem } from '../lib/problem.mjs';
import { waitForAll } from '../lib/promises.mjs';
import { buildWasm } from '../lib/wasm.mjs';
import { npm } from '../setup/examples.mjs';
import { ensureNpmPackages } from '../setup/npm.mjs';
import { customElements } from './custom-elements.mjs';
import { buildElement } from './element.mjs';
import { manifest } from './manifest.mjs';
import { writeTypes } from './types.mjs';

/** @param {string[]} parts */
export const inPackage = (...parts) => fromRoot('package', ...parts);

/** What is taken as it is: from the root of the repository → in the package. */
const COPIED = {
  'www/wasm/gatescope_bg.wasm': 'gatescope_bg.wasm',
  'docs/report.schema.json': 'report.schema.json',
  'www/package/README.md': 'README.md',
  'LICENSE-MIT': 'LICENSE-MIT',
  'LICENSE-APACHE': 'LICENSE-APACHE',
};

const [pagePlaces, ownPlaces] = ['engine', 'package'].map((folder) =>
  fromRoot('www', folder, 'places.js'),
);

/**
 * The package finds worker and wasm beside itself, not where the page's build puts them.
 *
 * @type {import('rolldown').Plugin}
 */
const swapPlaces = {
  name: 'swap-places',
  load: (id) => (id === pagePlaces ? readFileSync(ownPlaces, 'utf8') : null),
};

/**
 * One file with everything in it.
 *
 * @param {string} source
 * @param {string} file
 * @param {boolean} minify
 */
async function bundle(source, file, minify) {
  // Imported late: on a fresh checkout it is not there before ensureNpmPackages.
  const { build } = await import('rolldown');
  await build({
    input: fromRoot('www', source),
    platform: 'browser',
    plugins: [swapPlaces],
    output: { file: inPackage(file), format: 'es', minify, codeSplitting: false },
    logLevel: 'warn',
  });
}

/**
 * @param {string} file
 * @param {object} value
 */
const writeJson = (file, value) =>
  writeFileSync(inPackage(file), `${JSON.stringify(value, null, 2)}\n`);

export async function buildPackage() {
  if (process.env.GATESCOPE_BUILT !== '1') await waitForAll(buildWasm(), ensureNpmPackages());
  rmSync(inPackage(), { recursive: true, force: true });
  mkdirSync(inPackage(), { recursive: true });
  await waitForAll(
    bundle('package/analyze.js', 'analyze.js', false),
    // Bundlers hand it on as it is.
    bundle('engine/worker.js', 'worker.js', true),
    writeTypes(inPackage('types')),
  );
  await buildElement(inPackage());
  for (const [from, to] of Object.entries(COPIED)) cpSync(fromRoot(from), inPackage(to));
  const { version, license, engines } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'));
  writeJson('custom-elements.json', customElements());
  writeJson('package.json', manifest({ version, license, engines }));
}

/** Packs what was built; gives the tarball's path. */
export async function packPackage() {
  const { ok, output } = await capture([npm, 'pack', '--json', '--loglevel=error'], {
    cwd: inPackage(),
  });
  if (!ok) throw new Problem(`the package could not be packed:\n${output}`);
  const { name, version } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8'));
  const tarball = inPackage(`${name}-${version}.tgz`);
  if (!existsSync(tarball)) throw new Problem(`npm pack made no ${tarball}.`);
  return tarball;
}
