// wasm-bindgen and wasm-pack at pinned versions, in .tools, away from the user's own.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot, toolsBin } from '../lib/root.mjs';
import { Problem } from '../lib/problem.mjs';
import { ask, say, show } from '../lib/run.mjs';

const WASM_PACK = '0.15.1';

const tool = (name) => path.join(toolsBin, process.platform === 'win32' ? `${name}.exe` : name);
const installRoot = ['--locked', '--root', fromRoot('.tools')];

/** The pinned version of wasm-bindgen, which the crate and the command line tool must share. */
export function wasmBindgenVersion() {
  const version = (file, pattern) => readFileSync(fromRoot(file), 'utf8').match(pattern)?.[1];
  const wanted = version('tools/wbtools/Cargo.toml', /^version = "(.+)"/m);
  const used = existsSync(fromRoot('Cargo.lock'))
    ? version('Cargo.lock', /name = "wasm-bindgen"\nversion = "(.+)"/)
    : wanted;
  if (used && used !== wanted) {
    throw new Problem(
      `Cargo.lock has wasm-bindgen ${used}, but tools/wbtools is ${wanted}. Set both to the same version.`,
    );
  }
  return wanted;
}

export async function ensureWasmBindgen() {
  const wanted = wasmBindgenVersion();
  if (ask(tool('wasm-bindgen'), ['--version'])?.endsWith(` ${wanted}`)) return tool('wasm-bindgen');
  say(`building wasm-bindgen ${wanted} (once, one to three minutes)`);
  await show(`wasm-bindgen ${wanted} could not be installed`, 'cargo', [
    'install',
    '--force',
    '--path',
    'tools/wbtools',
    ...installRoot,
  ]);
  return tool('wasm-bindgen');
}

export async function ensureWasmPack() {
  if (ask(tool('wasm-pack'), ['--version'])?.endsWith(` ${WASM_PACK}`)) return tool('wasm-pack');
  say(`building wasm-pack ${WASM_PACK} (once, two to four minutes)`);
  await show(`wasm-pack ${WASM_PACK} could not be installed`, 'cargo', [
    'install',
    '--force',
    'wasm-pack',
    '--version',
    WASM_PACK,
    ...installRoot,
  ]);
  return tool('wasm-pack');
}
