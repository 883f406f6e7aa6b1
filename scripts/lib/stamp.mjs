// "Nothing has changed since": a build step is skipped when the hash of all its inputs is the one
// it left behind.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fromRoot, root } from './root.mjs';

/**
 * @param {string} place
 * @returns {Generator<string>}
 */
function* filesUnder(place) {
  if (!existsSync(place)) return;
  if (!statSync(place).isDirectory()) yield place;
  else for (const name of readdirSync(place).sort()) yield* filesUnder(path.join(place, name));
}

/**
 * One hash over names and contents of files and of everything in folders, with `extra` text mixed
 * in.
 *
 * @param {string[]} places
 * @param {string} [extra]
 */
export function hashFiles(places, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const place of places) {
    for (const file of filesUnder(place)) {
      hash.update(`\0${path.relative(root, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/**
 * Runs `step` unless its stamp says that it ran on these inputs and its product still stands.
 *
 * @param {string} name of the stamp
 * @param {string} hash of the inputs
 * @param {string} product path of what the step makes
 * @param {() => unknown} step
 */
export async function unlessCurrent(name, hash, product, step) {
  const file = fromRoot('.cache', `${name}.sha256`);
  if (existsSync(product) && existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  // A step that is cut off half way must not look finished.
  rmSync(file, { force: true });
  await step();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, hash);
}
