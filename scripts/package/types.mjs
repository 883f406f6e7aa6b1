// The package's types: what tsc reads from JSDoc, and the types of a report.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { npmProgram } from '../lib/programs.mjs';
import { Problem } from '../lib/problem.mjs';
import { fromRoot } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';

const written = fromRoot('.cache', 'package-types');
const ENTRIES = ['analyze.d.ts', 'worker.d.ts', 'element.d.ts'].map((file) =>
  path.join('package', file),
);

/**
 * Where a declaration lies: tsc has written it, or it stands in www/ as it is.
 *
 * @param {string} file
 */
const find = (file) =>
  [written, fromRoot('www')].map((folder) => path.join(folder, file)).find(existsSync);

/**
 * The files that a declaration takes types from.
 *
 * @param {string} file
 * @param {string} text
 */
const importsOf = (file, text) =>
  [...text.matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)].map(([, place]) =>
    path.join(path.dirname(file), place.replace(/(\.d\.ts|\.js)$/, '.d.ts')),
  );

/**
 * Writes what the entries need, and no more: the engine's own parts are nobody's to import.
 *
 * @param {string} folder
 */
export async function writeTypes(folder) {
  rmSync(written, { recursive: true, force: true });
  const { ok, output } = await capture([
    ...npmProgram('typescript', 'tsc'),
    ...['-p', fromRoot('www', 'package', 'tsconfig.json')],
  ]);
  if (!ok) throw new Problem(`the package's types could not be written:\n${output}`);
  const open = [...ENTRIES];
  const done = new Set(open);
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const from = find(file);
    if (!from) throw new Problem(`the package's types lack ${file}.`);
    const to = path.join(folder, file);
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(from, to);
    for (const next of importsOf(file, readFileSync(from, 'utf8')))
      if (!done.has(next)) {
        done.add(next);
        open.push(next);
      }
  }
}
