// npm run analyze: the page's own code in headless Chromium on local files, the report into a file.
import { writeFileSync } from 'node:fs';
import { isHtml, reportPage } from './export/page.mjs';
import { buildPage } from './lib/page.mjs';
import { codeOf, main, Problem } from './lib/problem.mjs';
import { ensureChromium } from './setup/browser.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';
import { describeErrors, describeExtent } from '../www/report/outcome.js';

/** The exit status of a run that finished, but left something out because of errors. */
const INCOMPLETE = 3;

/**
 * @param {string} file
 * @param {string} content
 */
function write(file, content) {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new Problem(`${file} could not be written (${codeOf(error)}).`);
  }
}

await main(async () => {
  // The rest needs npm packages, so it can be imported only once they are there.
  await ensureNpmPackages();
  const { readOptions } = await import('./analyze/options.mjs');
  const options = readOptions(process.argv.slice(2));
  if (!options) return;

  await ensureChromium();
  await buildPage();
  const { analyze } = await import('./analyze/session.mjs');
  const { report, csv, outcomes } = await analyze(options);
  write(options.out, isHtml(options.out) ? reportPage(report) : report);
  if (options.csv && csv) write(options.csv, csv);
  const errors = outcomes.flatMap((outcome) => describeErrors(outcome) ?? []);
  if (!options.quiet) {
    for (const line of outcomes.map(describeExtent)) console.error(line);
    console.error(`report written to ${options.out}`);
  }
  // What went wrong is said in any case.
  for (const line of errors) console.error(line);
  if (errors.length) process.exitCode = INCOMPLETE;
});
