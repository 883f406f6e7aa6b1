// A report as one HTML file, by the template in dist/.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fillTemplate } from '../../www/exports/html.js';
import { codeOf, Problem } from '../lib/problem.mjs';
import { fromRoot } from '../lib/root.mjs';

/**
 * Whether a file's ending asks for HTML.
 *
 * @param {string} file
 */
export const isHtml = (file) => path.extname(file).toLowerCase() === '.html';

function readTemplate() {
  const file = fromRoot('dist', 'standalone.html');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Problem(`${file} could not be read (${codeOf(error)}); \`npm run build\` makes it.`);
  }
}

/**
 * The HTML of a report.
 *
 * @param {string} text the report as JSON
 */
export function reportPage(text) {
  const { base, runs } = JSON.parse(text);
  return fillTemplate(readTemplate(), {
    base: base?.name,
    runs: runs.map((/** @type {{ checkpoint: { name: string } }} */ run) => run.checkpoint.name),
    text,
  });
}
