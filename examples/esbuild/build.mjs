// esbuild leaves `new URL(…, import.meta.url)` as it is: the worker and the wasm have to lie beside
// the script that it makes.
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  entryPoints: ['main.js'],
  bundle: true,
  splitting: true,
  format: 'esm',
  outdir: 'dist',
});

for (const file of ['worker.js', 'gatescope_bg.wasm'])
  copyFileSync(fileURLToPath(import.meta.resolve(`gatescope/${file}`)), `dist/${file}`);
