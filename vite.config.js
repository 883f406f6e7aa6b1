import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { viteStaticCopy } from 'vite-plugin-static-copy';

/**
 * The sample checkpoints: of each folder with weights, what the page reads and the notes beside it.
 */
function sampleFiles() {
  const samples = fileURLToPath(new URL('./samples/', import.meta.url));
  if (!existsSync(samples)) return [];
  return readdirSync(samples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ folder: `samples/${name}`, files: readdirSync(`${samples}${name}`) }))
    .filter(({ files }) => files.some((file) => file.endsWith('.safetensors')))
    .flatMap(({ folder, files }) =>
      files
        .filter((file) => /\.(safetensors|json)$|^README\.md$/.test(file))
        .map((file) => ({ src: `${folder}/${file}`, dest: folder })),
    );
}

/** The sample's report, which the page then opens at once, where it was made. */
const report = existsSync(fileURLToPath(new URL('./samples/report.json', import.meta.url)))
  ? [{ src: 'samples/report.json', dest: 'samples' }]
  : [];

export default defineConfig({
  // Relative addresses: the built page works under any path of any static host.
  base: './',
  define: { 'import.meta.env.SAMPLE_REPORT': JSON.stringify(report.length > 0) },
  worker: { format: 'es' },
  build: { target: 'esnext', assetsInlineLimit: 0 },
  server: { host: 'localhost' },
  // The page for frames is built by a configuration of its own.
  optimizeDeps: { entries: ['index.html'] },
  preview: { host: 'localhost' },
  plugins: [viteStaticCopy({ targets: [...sampleFiles(), ...report] })],
});
