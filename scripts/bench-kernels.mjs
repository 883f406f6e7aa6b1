// npm run bench:kernels: the CPU backend's kernels on one core, natively and as WebAssembly in
// Node's V8.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { main } from './lib/problem.mjs';
import { fromRoot } from './lib/root.mjs';
import { say, show } from './lib/run.mjs';
import { ensureRust } from './setup/rust.mjs';
import { ensureWasmBindgen } from './setup/wasm-tools.mjs';

const TARGET = 'wasm32-unknown-unknown';

await main(async () => {
  await ensureRust();
  const wasmBindgen = await ensureWasmBindgen();
  say('compiling natively and to WebAssembly');
  const build = ['build', '--release', '--locked', '-p', 'gatescope', '--example', 'kernels'];
  const quiet = { quiet: true };
  await show('the native benchmark could not be compiled', 'cargo', build, quiet);
  const buildWasm = [...build, '--target', TARGET];
  await show('the WebAssembly benchmark could not be compiled', 'cargo', buildWasm, quiet);
  const out = fromRoot('.cache', 'bench-kernels');
  const compiled = fromRoot('target', TARGET, 'release', 'examples', 'kernels.wasm');
  await show(
    'wasm-bindgen failed',
    wasmBindgen,
    ['--target', 'nodejs', '--out-dir', out, compiled],
    { quiet: true },
  );

  // What wasm-bindgen writes for Node is CommonJS, which the project's own package.json says its
  // files are not.
  writeFileSync(fromRoot('.cache', 'bench-kernels', 'package.json'), '{ "type": "commonjs" }');

  console.log('natively');
  await show(
    'the native benchmark failed',
    fromRoot(
      'target',
      'release',
      'examples',
      process.platform === 'win32' ? 'kernels.exe' : 'kernels',
    ),
    [],
  );
  console.log('\nas WebAssembly');
  createRequire(import.meta.url)(fromRoot('.cache', 'bench-kernels', 'kernels.js')).bench();
});
