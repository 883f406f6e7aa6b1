// npm run analyze: the page's own code in headless Chromium on local files, the report into a file.
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { isHtml, reportPage } from './export/page.mjs';
import { buildPage } from './lib/page.mjs';
import { codeOf, main, Problem } from './lib/problem.mjs';
import { ensureChromium } from './setup/browser.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';
import { summarize } from './analyze/summary.mjs';
import { sum } from '../www/report/means.js';
import { describeErrors, describeExtent } from '../www/report/outcome.js';

/** The exit status of a run that finished, but left something out because of errors. */
const INCOMPLETE = 3;

/** Bytes of the largest report that is read again for its summary: strings have an end. */
const MOST_SUMMARISED = 400e6;

/**
 * Writes a file in pieces.
 *
 * @param {string} file
 * @param {Uint8Array[]} pieces
 */
function write(file, pieces) {
  try {
    const out = openSync(file, 'w');
    try {
      for (const piece of pieces)
        for (let at = 0; at < piece.length;) at += writeSync(out, piece, at);
    } finally {
      closeSync(out);
    }
  } catch (error) {
    throw new Problem(`${file} could not be written (${codeOf(error)}).`);
  }
}

/**
 * The pieces of the report's file in the form that its ending asks for. Browsers unpack one gzip
 * member alone.
 *
 * @param {string} file
 * @param {Buffer[]} report
 * @param {() => Buffer} join The pieces as one.
 */
function shape(file, report, join) {
  if (isHtml(file)) return [Buffer.from(reportPage(join().toString()))];
  return path.extname(file).toLowerCase() === '.gz' ? [gzipSync(join())] : report;
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
  /** @type {Buffer | undefined} */
  let whole;
  const join = () => (whole ??= Buffer.concat(report));
  for (const file of options.out) write(file, shape(file, report, join));
  for (const file of options.tables) if (csv) write(file, csv);
  const errors = outcomes.flatMap((outcome) => describeErrors(outcome) ?? []);
  if (!options.quiet) {
    for (const line of outcomes.map(describeExtent)) console.error(line);
    for (const file of [...options.out, ...options.tables]) console.error(`${file} is written`);
    if (sum(report.map(({ length }) => length)) <= MOST_SUMMARISED)
      console.log(summarize(JSON.parse(join().toString())).join('\n'));
  }
  // What went wrong is said in any case.
  for (const line of errors) console.error(line);
  if (errors.length) process.exitCode = INCOMPLETE;
});
