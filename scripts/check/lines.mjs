// No line is longer than a window is wide. The formatters break what they can; this finds the rest.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { listFiles } from '../lib/files.mjs';

export const MOST_COLUMNS = 100;

export const EXTENSIONS = [
  ...['.rs', '.wgsl', '.js', '.mjs', '.ts', '.py'],
  ...['.css', '.html', '.toml', '.md', '.sh'],
];

/** Folders of data that programs write: their notes come with the data. */
const DATA = ['tests/reference/fixtures/'];

/** @param {string} line */
const isTableRow = (line) => /^\s*\|/.test(line);
/** @param {string} line */
const holdsUrl = (line) => /https?:\/\/\S/.test(line);

/**
 * The lines of a text that are too long, with their numbers. An address cannot be broken, nor can
 * the row of a Markdown table.
 *
 * @param {string} text
 * @param {{ markdown?: boolean }} [options]
 */
export function findLongLines(text, { markdown = false } = {}) {
  return text
    .split(/\r?\n/)
    .map((line, i) => ({ number: i + 1, columns: [...line].length, line }))
    .filter(({ columns }) => columns > MOST_COLUMNS)
    .filter(({ line }) => !holdsUrl(line) && !(markdown && isTableRow(line)));
}

/**
 * One complaint for each long line in `files`, all files of `folder` by default.
 *
 * @param {string} folder
 * @param {string[]} [files]
 */
export function checkLineLengths(folder, files = listFiles(folder)) {
  return files
    .filter((file) => EXTENSIONS.includes(path.extname(file)))
    .filter((file) => !DATA.some((place) => file.startsWith(place)))
    .flatMap((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const long = findLongLines(text, { markdown: path.extname(file) === '.md' });
      return long.map(
        ({ number, columns }) => `${file}:${number}: ${columns} columns, ${MOST_COLUMNS} at most`,
      );
    });
}
