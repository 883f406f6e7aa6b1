// Builds the article into dist/, plain files for any host:
//
//     node build.mjs ../../samples/report.json
//
// The report is cut down to what the figures show. What stands in a figure's place until it is
// drawn, on paper and without scripts, comes from posters/, which posters.mjs writes.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { trimReport } from '../../www/exports/trim.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const source = path.resolve(process.argv[2] ?? here('../../samples/report.json'));

/** @param {string} figure */
function still(figure) {
  const file = here(`posters/${figure}.svg`);
  return existsSync(file)
    ? readFileSync(file, 'utf8').trim()
    : '<p>A figure for JavaScript; <a href="./sample.json">sample.json</a> has its values.</p>';
}

mkdirSync(here('dist'), { recursive: true });
const report = trimReport(JSON.parse(readFileSync(source, 'utf8')), 'heatmap');
writeFileSync(here('dist/sample.json'), JSON.stringify(report));
const page = readFileSync(here('index.html'), 'utf8');
writeFileSync(
  here('dist/index.html'),
  page.replace(/<!-- poster (\w+) -->/g, (_, figure) => still(figure)),
);
cpSync(here('article.css'), here('dist/article.css'));
cpSync(fileURLToPath(import.meta.resolve('gatescope/element.min.js')), here('dist/element.min.js'));
