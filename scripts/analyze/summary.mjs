// A report in some ten lines: how much was compared, what moved, and how many times what a random
// update would give. The native program writes the same (crate/src/native/summary); one list of
// reports, tests/unit/summaries.json, holds both.
import '../../www/report/gaps.js';
import { composeAnswer } from '../../www/report/answer.js';
import { percent } from '../../www/report/format.js';
import { findMetric } from '../../www/report/metrics.js';
import { settleNoise } from '../../www/report/noise.js';
import { describeExtent, findOutcome } from '../../www/report/outcome.js';
import { PLACES, PUBLISHED, describeNoPlace, placeRun } from '../../www/report/placement.js';
import { PUBLISHED_WORDS } from '../../www/report/published-words.js';
import { compareWithRandom, measureChange } from '../../www/report/ratios.js';
import { REPORTED } from '../../www/report/reported.js';
import { SOURCES } from '../../www/report/figures.js';
import { roundTimes } from '../../www/report/rounding.js';
import { findRow } from '../../www/report/rows.js';

/** @import { Report, Run } from '../../www/report/model.js' */
/** @import { Reading } from '../../www/report/ratios.js' */

/** The metric that has no random baseline. */
const CHANGED = 'sparsity_bf16';

/** Masks are published at this α: values at another are none of theirs. */
const ALPHA = REPORTED.low_overlap.alpha;

/** @param {Run} run */
const describeSize = (run) => `${describeExtent({ ...findOutcome(run), cast: null })}.`;

/**
 * What is published of a metric and where the run stands in it, or why it has no place; nothing
 * where published ranges say nothing of the run.
 *
 * @param {Report} report
 * @param {number} run
 * @param {string} metric
 */
function describePublished(report, run, metric) {
  const signal = placeRun(report, run).find(({ published }) => published.metric === metric);
  if (!signal || describeNoPlace(report, run) !== null) return '';
  const { source } = signal.published;
  const place = metric === CHANGED ? `, ${REPORTED.sparsity.place}` : '';
  const where = signal.place ? PLACES[signal.place] : `not placed: ${signal.why}`;
  return `; published: ${PUBLISHED_WORDS[metric].text} (${source}${place}), ${where}`;
}

/** @param {Reading} reading */
function describeReading({ metric, ratio, value, baseline, noise, note }) {
  if (ratio === null) return `no ratio: ${note ?? 'not known'}`;
  const { format } = findMetric(metric);
  return (
    `${roundTimes(ratio)} random${noise ? ', within noise' : ''} ` +
    `(${format(value)} beside ${format(baseline)})${note ? `; ${note}` : ''}`
  );
}

/**
 * @param {Report} report
 * @param {number} run
 */
function listRows(report, run) {
  const { tensors } = report.runs[run];
  if (!tensors.some(({ geometry }) => geometry)) return [];
  const at = Math.max(0, report.settings.alphas.indexOf(ALPHA));
  return compareWithRandom(tensors, at).map((reading) => {
    const { mask, label: name } = findRow(reading.metric);
    const label = mask ? `${name} (α = ${report.settings.alphas[at]})` : name;
    const published = describePublished(report, run, reading.metric);
    return `  ${label}: ${describeReading(reading)}${published}`;
  });
}

/**
 * @param {Report} report
 * @param {number} run
 */
function summarizeRun(report, run) {
  const { sort, sentences, note } = composeAnswer(report, { runs: [run], run, alpha: 0 });
  const { unchanged } = measureChange(report.runs[run].tensors);
  const text = sentences.map((parts) => parts.map((part) => part.text).join('')).join(' ');
  const isMeasured = ['whole', 'part', 'step'].includes(sort) && unchanged !== null;
  return [
    describeSize(report.runs[run]),
    text,
    note,
    isMeasured &&
      `  Unchanged in bf16: ${percent(unchanged)}${describePublished(report, run, CHANGED)}`,
    ...(['listed', 'nothing', 'identical', 'cast'].includes(sort) ? [] : listRows(report, run)),
  ].filter((line) => typeof line === 'string' && line !== '');
}

/** The papers of published ranges. */
const papers = () =>
  [...new Set(PUBLISHED.map(({ source }) => source))]
    .map((source) => `${source}: arXiv ${SOURCES[source].arxiv}`)
    .join(', ');

/**
 * The lines of a summary, each run's after an empty one.
 *
 * @param {Report} report
 * @returns {string[]}
 */
export function summarize(report) {
  const settled = settleNoise(/** @type {any} */ (report));
  const lines = settled.runs.flatMap((/** @type {Run} */ _, /** @type {number} */ run) => [
    ...(run ? [''] : []),
    ...summarizeRun(settled, run),
  ]);
  if (lines.some((/** @type {string} */ line) => line.includes('; published')))
    lines.push(`Published for whole runs of whole models. ${papers()}.`);
  return lines.map((/** @type {string} */ line) => line.replaceAll('\u00a0', ' '));
}
