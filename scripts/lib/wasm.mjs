// The analyser as WebAssembly: cargo, then wasm-bindgen, then wasm-opt, into www/wasm.
import { hashFiles, unlessCurrent } from './stamp.mjs';
import { fromRoot } from './root.mjs';
import { ask, say, show } from './run.mjs';
import { ensureRust } from '../setup/rust.mjs';
import { ensureWasmBindgen, readWasmBindgenVersion } from '../setup/wasm-tools.mjs';

const PROFILE = 'wasm-release';
const compiled = fromRoot('target', 'wasm32-unknown-unknown', PROFILE, 'gatescope.wasm');
const outDir = fromRoot('www', 'wasm');
const product = fromRoot('www', 'wasm', 'gatescope_bg.wasm');

// wasm-opt takes nothing for granted: each feature that rustc emits has to be allowed by name.
const OPT_FLAGS = [
  '-O3',
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
];

const SOURCES = ['crate', 'Cargo.toml', 'Cargo.lock', '.cargo', 'tools/wbtools/Cargo.toml'];

async function compile() {
  await ensureRust();
  say('compiling the analyser (the first time takes some minutes)');
  await show('the analyser could not be compiled', 'cargo', [
    'build',
    '--profile',
    PROFILE,
    '--target',
    'wasm32-unknown-unknown',
    '-p',
    'gatescope',
    '--lib',
    '--locked',
  ]);
}

async function bind() {
  const wasmBindgen = await ensureWasmBindgen();
  say('binding and optimising the wasm');
  await show(
    'wasm-bindgen failed',
    wasmBindgen,
    ['--target', 'web', '--out-dir', outDir, compiled],
    { quiet: true },
  );
  const opt = process.platform === 'win32' ? 'wasm-opt.cmd' : 'wasm-opt';
  await show('wasm-opt failed', opt, [...OPT_FLAGS, product, '-o', product], { quiet: true });
}

export async function buildWasm() {
  const tools = [readWasmBindgenVersion(), ...OPT_FLAGS].join(' ');
  const sources = hashFiles(
    SOURCES.map((name) => fromRoot(name)),
    `${ask('rustc', ['--version'])} ${tools}`,
  );
  await unlessCurrent('wasm-sources', sources, product, async () => {
    await compile();
    // Most changes of a source file in tests or comments give the same wasm again.
    await unlessCurrent('wasm', hashFiles([compiled], tools), product, bind);
  });
}
