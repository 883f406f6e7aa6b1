// node scripts/compare-reports.mjs OLD NEW [--allow-new]: two reports, or two folders of reports of
// equal names, field by field. What a newer version of the format renamed is looked up in RENAMED;
// nothing else may differ but times, and with --allow-new what the newer report has besides.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { RENAMED_IN_2 } from '../www/report/versions.js';

/**
 * Old paths, with `*` for every list index, and what they are called now, with as many; null: gone
 * on purpose.
 *
 * @type {Map<string, string | null>}
 */
const RENAMED = new Map(RENAMED_IN_2);
/** What differs between two equal runs, or with every version. */
const FREE = /^(created|generator|version|timings\..*|runs\.\d+\.tensors\.\d+\.seconds)$/;
/** Sentences for a person may say the same in other words: they are listed, but not counted. */
const SENTENCE = /\.(detail|error|geometry_note|fisher_note)$/;

/**
 * Every leaf of a report as [path, value].
 *
 * @param {unknown} value
 * @param {string} [place]
 * @returns {Generator<[string, unknown]>}
 */
function* leaves(value, place = '') {
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) yield [place, Array.isArray(value) ? '[]' : '{}'];
    for (const [key, inner] of entries) yield* leaves(inner, place ? `${place}.${key}` : key);
  } else yield [place, value];
}

/**
 * What a path is called now; null where it is gone on purpose.
 *
 * @param {string} place
 * @param {Map<string, string | null>} [renamed]
 */
export function rename(place, renamed = RENAMED) {
  const indices = place.match(/(?<=\.)\d+(?=\.|$)/g) ?? [];
  const name = renamed.get(place.replace(/(?<=\.)\d+(?=\.|$)/g, '*'));
  if (name === undefined) return place;
  return name && name.replace(/\*/g, () => indices.shift() ?? '*');
}

/**
 * What differs between two reports, a line each, and the sentences that have other words.
 *
 * @param {unknown} before
 * @param {unknown} after
 */
export function compareReports(before, after) {
  const found = new Map(leaves(after));
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const sentences = [];
  for (const [place, value] of leaves(before)) {
    const now = rename(place);
    if (FREE.test(place) || now === null) continue;
    if (!found.has(now)) lines.push(`${now}: ${value} is gone`);
    else if (!Object.is(found.get(now), value)) {
      const texts = typeof value === 'string' && typeof found.get(now) === 'string';
      const list = texts && SENTENCE.test(now) ? sentences : lines;
      list.push(`${now}: ${value} → ${found.get(now)}`);
    }
    found.delete(now);
  }
  for (const [place, value] of found) {
    if (!FREE.test(place)) lines.push(`${place}: ${value} is new`);
  }
  return { lines, sentences };
}

/**
 * What differs between two reports, a line each; sentences may have other words.
 *
 * @param {unknown} before
 * @param {unknown} after
 */
export const listDifferences = (before, after) => compareReports(before, after).lines;

/** @param {string} line One of `listDifferences`. */
const isNew = (line) => line.endsWith(' is new');

/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

if (process.argv[1] === import.meta.filename) {
  const [before, after, option] = process.argv.slice(2);
  if (!before || !after) {
    console.error('Two reports or two folders of reports are needed: OLD NEW.');
    process.exit(2);
  }
  const folders = statSync(before).isDirectory();
  const names = folders ? readdirSync(before).filter((name) => name.endsWith('.json')) : [''];
  let differing = 0;
  let added = 0;
  const reworded = new Set();
  for (const name of names) {
    const files = [before, after].map((folder) => read(path.join(folder, name)));
    const { lines: all, sentences } = compareReports(files[0], files[1]);
    for (const sentence of sentences) reworded.add(sentence.replace(/^[^:]*: /, ''));
    const lines = option === '--allow-new' ? all.filter((line) => !isNew(line)) : all;
    added += all.length - lines.length;
    if (lines.length === 0) continue;
    differing += 1;
    console.log(`${name || before}: ${lines.length} differ`);
    for (const line of lines.slice(0, 12)) console.log(`  ${line}`);
  }
  for (const sentence of reworded) console.log(`reworded: ${sentence}`);
  console.log(`${names.length} compared, ${differing} differ, ${added} new values allowed`);
  process.exitCode = differing > 0 ? 1 : 0;
}
