// wasm-bindgen and its test runner at the pinned version, in .tools, away from the user's own.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { once } from '../lib/promises.mjs';
import { fromRoot, toolsBin } from '../lib/root.mjs';
import { Problem } from '../lib/problem.mjs';
import { ask, say, show } from '../lib/run.mjs';
import { hashFiles, unlessCurrent } from '../lib/stamp.mjs';

const SOURCES = 'tools/wbtools';

/** @param {string} name */
const fileOf = (name) => (process.platform === 'win32' ? `${name}.exe` : name);

/** The pinned version of wasm-bindgen, which the crate and the command line tool must share. */
export function readWasmBindgenVersion() {
  /** @type {(file: string, pattern: RegExp) => string | undefined} */
  const find = (file, pattern) => readFileSync(fromRoot(file), 'utf8').match(pattern)?.[1];
  const wanted = find(`${SOURCES}/Cargo.toml`, /^version = "(.+)"/m);
  const used = existsSync(fromRoot('Cargo.lock'))
    ? find('Cargo.lock', /name = "wasm-bindgen"\nversion = "(.+)"/)
    : wanted;
  if (used && used !== wanted) {
    throw new Problem(
      `Cargo.lock has wasm-bindgen ${used}, but ${SOURCES} is ${wanted}. ` +
        'Set both to the same version.',
    );
  }
  return wanted;
}

/**
 * Builds one program of tools/wbtools unless it is there, and returns its path.
 *
 * @param {string} name
 * @param {string} duration how long it takes, for the line that announces it
 * @param {string[]} [features]
 */
async function ensureProgram(name, duration, features = []) {
  const version = readWasmBindgenVersion();
  const program = path.join(toolsBin, fileOf(name));
  const inputs = hashFiles(
    ['Cargo.toml', 'Cargo.lock', 'src'].map((part) => fromRoot(SOURCES, part)),
    ask('rustc', ['--version']) ?? '',
  );
  await unlessCurrent(name, inputs, program, async () => {
    say(`building ${name} ${version} (once, ${duration})`);
    const target = fromRoot('target', 'tools');
    const where = ['--manifest-path', `${SOURCES}/Cargo.toml`, '--target-dir', target];
    await show(
      `${name} ${version} could not be built`,
      'cargo',
      ['build', '--release', '--locked', '--bin', name, ...where, ...features],
      { quiet: true },
    );
    mkdirSync(toolsBin, { recursive: true });
    copyFileSync(path.join(target, 'release', fileOf(name)), program);
    chmodSync(program, 0o755);
  });
  return program;
}

export const ensureWasmBindgen = once(() => ensureProgram('wasm-bindgen', 'half a minute'));

/** What cargo runs the WebAssembly tests with (.cargo/config.toml): it drives a browser. */
export const ensureWasmTestRunner = once(() =>
  ensureProgram('wasm-bindgen-test-runner', 'about a minute', ['--features', 'test-runner']),
);
