// The analyser as WebAssembly: cargo, then wasm-bindgen, then wasm-opt, into www/wasm.
import { hashFiles, unlessCurrent } from './stamp.mjs';
import { fromRoot } from './root.mjs';
import { npmProgram } from './programs.mjs';
import { waitForAll } from './promises.mjs';
import { ask, say, show } from './run.mjs';
import { ensureNpmPackages } from '../setup/npm.mjs';
import { ensureRust } from '../setup/rust.mjs';
import { ensureWasmBindgen, readWasmBindgenVersion } from '../setup/wasm-tools.mjs';

const TARGET = 'wasm32-unknown-unknown';
// The profile of the tests and of the native program: crates and build scripts compile once for
// all of them.
const compiled = fromRoot('target', TARGET, 'release', 'gatescope.wasm');
const outDir = fromRoot('www', 'wasm');
const product = fromRoot('www', 'wasm', 'gatescope_bg.wasm');

// The lowest level takes off a seventh of the bytes in 12 s; the highest one more in a hundred in
// 42 s, and neither makes a kernel faster. Each feature that rustc emits has to be allowed by name.
const OPT_FLAGS = [
  '-O1',
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
  const where = ['--target', TARGET, '-p', 'gatescope', '--lib', '--locked'];
  await show('the analyser could not be compiled', 'cargo', ['build', '--release', ...where]);
}

async function bind() {
  const wasmBindgen = await ensureWasmBindgen();
  await ensureNpmPackages();
  say('binding and optimising the wasm');
  const where = ['--target', 'web', '--out-dir', outDir, compiled];
  await show('wasm-bindgen failed', wasmBindgen, where, { quiet: true });
  const [node, wasmOpt] = npmProgram('binaryen', 'wasm-opt');
  await show('wasm-opt failed', node, [wasmOpt, ...OPT_FLAGS, product, '-o', product], {
    quiet: true,
  });
}

/** The wasm in www/wasm, with the tool that binds it, each only where missing or out of date. */
export async function buildWasm() {
  const tools = [readWasmBindgenVersion(), ...OPT_FLAGS].join(' ');
  const sources = hashFiles(
    SOURCES.map((name) => fromRoot(name)),
    `${ask('rustc', ['--version'])} ${tools}`,
  );
  await unlessCurrent('wasm-sources', sources, product, async () => {
    // The crates of both compile one by one at times, which leaves a core to the other's.
    await waitForAll(compile(), ensureRust().then(ensureWasmBindgen), ensureNpmPackages());
    // Most changes of a source file in tests or comments give the same wasm again.
    await unlessCurrent('wasm', hashFiles([compiled], tools), product, bind);
  });
}
