// No bundler: writes dist/ with the address that serves the package's files, and the digest of the
// element's script, which a browser checks before it runs it.
//
//     node build.mjs https://cdn.example/gatescope@0.1.0
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const address = process.argv[2];
if (!address) throw new Error('The address of the package’s files is needed.');

const script = readFileSync(fileURLToPath(import.meta.resolve('gatescope/element.min.js')));
const integrity = `sha384-${createHash('sha384').update(script).digest('base64')}`;

mkdirSync('dist', { recursive: true });
const page = readFileSync('index.html', 'utf8');
writeFileSync(
  'dist/index.html',
  page
    .replaceAll('{{address}}', address)
    .replaceAll('{{origin}}', new URL(address).origin)
    .replaceAll('{{integrity}}', integrity),
);
for (const file of ['main.js', 'frame.html']) cpSync(file, `dist/${file}`);
cpSync('../shared', 'dist/shared', { recursive: true });
