// npm run findings: docs/findings.md and the README's lines on the samples, from an analysis of
// samples/ or a report of it.
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { excerptOf } from './findings/excerpt.mjs';
import { formatMarkdown } from './findings/markdown.mjs';
import { ALPHAS, RUNS, SETTINGS } from './findings/settings.mjs';
import { findingsOf, readmeOf } from './findings/text.mjs';
import { codeOf, main, messageOf, Problem } from './lib/problem.mjs';
import { fromRoot } from './lib/root.mjs';
import { say, show } from './lib/run.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';

function readOptions() {
  try {
    return parseArgs({ options: { report: { type: 'string' } } }).values;
  } catch (error) {
    throw new Problem(messageOf(error));
  }
}

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The samples analysed by the page's own code, which builds what has changed first. */
async function analyzeSamples() {
  const out = fromRoot('.cache', 'findings.json');
  mkdirSync(fromRoot('.cache'), { recursive: true });
  say('analysing the samples');
  await show('the samples could not be analysed', process.execPath, [
    'scripts/analyze.mjs',
    ...SETTINGS,
    '--out',
    out,
    '--quiet',
  ]);
  return readJson(out);
}

/** @param {string} file */
function readReport(file) {
  let report;
  try {
    report = readJson(file);
  } catch (error) {
    throw new Problem(`${file} could not be read as JSON (${codeOf(error) ?? messageOf(error)}).`);
  }
  const names = report?.runs?.map((/** @type {any} */ run) => run.checkpoint?.name);
  // Without a base there are none of the figures that the findings are about.
  if (
    report?.format !== 'gatescope-report' ||
    !report.base ||
    String(names) !== String(RUNS) ||
    !ALPHAS.every((alpha) => report.settings.alphas.includes(alpha))
  ) {
    throw new Problem(
      `${file} is no report of the samples ${RUNS.join(', ')} beside their base with α = ` +
        `${ALPHAS.join(' and ')}. Leave --report out to have one made.`,
    );
  }
  return report;
}

await main(async () => {
  const { report } = readOptions();
  await ensureNpmPackages();
  const excerpt = excerptOf(
    report === undefined ? await analyzeSamples() : readReport(report),
    (/** @type {string} */ name) => readJson(fromRoot('samples', name, 'training.json')),
  );
  writeFileSync(fromRoot('docs', 'findings.json'), `${JSON.stringify(excerpt, null, 1)}\n`);
  writeFileSync(fromRoot('docs', 'findings.md'), await formatMarkdown(findingsOf(excerpt)));
  const readme = fromRoot('README.md');
  writeFileSync(readme, await readmeOf(readFileSync(readme, 'utf8'), excerpt));
  say('docs/findings.md, docs/findings.json and the samples’ lines of README.md are written');
});
