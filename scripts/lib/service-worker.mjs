// The service worker of the built page: its text, behind the list of the files that it keeps.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from './root.mjs';

const SOURCE = fromRoot('www', 'offline', 'service-worker.js');

/**
 * What the page itself does not need: the samples are large, and what other pages embed is theirs
 * to keep.
 */
const LEFT_OUT = /^(samples|element)\/|^(embed\.html|sw\.js)$/;

/**
 * Writes sw.js into a built page, for all that the build has put there.
 *
 * @param {string} folder
 */
export function writeServiceWorker(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !LEFT_OUT.test(file))
    .sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(`\0${file}\0`).update(readFileSync(path.join(folder, file)));
  const head = [
    `const FILES = ${JSON.stringify(files.map((file) => `./${file}`))};`,
    `const VERSION = '${hash.digest('hex').slice(0, 16)}';`,
  ];
  const text = [...head, readFileSync(SOURCE, 'utf8')].join('\n');
  writeFileSync(path.join(folder, 'sw.js'), text);
}
