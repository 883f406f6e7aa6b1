// Each shown run at the rank k of the report, beside a random update of the same size.
import { h, replace } from '../../dom/elements.js';
import { isCast } from '../../report/cast.js';
import { coversAll } from '../../report/directions.js';
import { formatRange, times, within } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { findMetric } from '../../report/metrics.js';
import { compareWithRandom } from '../../report/ratios.js';
import { runColour, runLetter } from '../../report/run-colours.js';
import { nameRun } from '../../report/run-names.js';
import { findRow } from '../../report/rows.js';
import { rotationOverChance } from '../../report/sin-theta.js';
import { factsTable, under } from '../parts/figure.js';
import { describeTerms } from '../summary/terms.js';

/** @import { Report, Tensor } from '../../report/model.js' */
/** @import { Reading } from '../../report/ratios.js' */
/** @import { Child } from '../../dom/elements.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * A run's letter in its colour, before its name, which is short.
 * @param {Report} report
 * @param {number} run
 * @returns {Child[]}
 */
export const runHead = (report, run) => [
  h('span', { class: 'letter', style: `--run: ${runColour(run)}` }, runLetter(run)),
  h('span', { title: report.runs[run].checkpoint.name }, ` ${nameRun(report, run)}`),
];

/**
 * The ratio first, and below it what it is of.
 * @param {Reading} reading
 * @returns {Child[]}
 */
function cellOf({ metric, value, baseline, ratio, uncertainty, deviation, noise }) {
  const { format } = findMetric(metric);
  const own = within(format, value, uncertainty);
  if (value === null) return ['–'];
  if (ratio === null) return under(own, ['no random baseline']);
  return under(`${times(ratio)} random`, [
    own,
    `random ${within(format, baseline, deviation)}`,
    ...(noise ? ['within noise'] : []),
  ]);
}

/**
 * How far the subspaces turned as a whole.
 * @param {Tensor[]} tensors
 * @returns {Child[]}
 */
function sinThetaCell(tensors) {
  const over = rotationOverChance(
    tensors.filter((tensor) => tensor.geometry && !coversAll(tensor) && !isCast(tensor)),
  );
  return over
    ? under(`${formatRange([over.low, over.high], times)} random`, [
        `median of ${over.matrices} matrices`,
      ])
    : ['–'];
}

/**
 * What was left out of which values, each note once, with the runs that it is of.
 * @param {{ run: number, readings: Reading[] }[]} shown
 */
function listNotes(shown) {
  /** @type {Map<string, Set<string>>} */
  const notes = new Map();
  for (const { run, readings } of shown)
    for (const { note } of readings)
      if (note) notes.set(note, (notes.get(note) ?? new Set()).add(runLetter(run)));
  return [...notes].map(([note, letters]) => `${[...letters].join(', ')}: ${note}`);
}

/**
 * The settings and the tensors that the values are of, each line once.
 * @param {Report} report
 * @param {number[]} runs
 * @param {number} alpha
 */
const listTerms = (report, runs, alpha) => [
  ...new Set(
    runs.map((run) => {
      const { k, eta, dtype, method, part, whole } = describeTerms(report, run);
      const share = `α = ${report.settings.alphas[alpha]}`;
      return [k, share, eta, part ?? whole, dtype, method].filter(Boolean).join(' · ');
    }),
  ),
];

/** @returns {Part} */
export function atKPart() {
  const element = h('section', { class: 'block', id: 'at-k' });
  /** @param {State} state */
  function draw({ report, runs, alpha }) {
    element.hidden = !report || !hasBase(report);
    if (!report || element.hidden) return;
    const shown = runs.map((run) => ({
      run,
      readings: compareWithRandom(report.runs[run].tensors, alpha),
    }));
    const labels = shown[0].readings.map(({ metric }) => findRow(metric).label);
    replace(
      element,
      h('h3', {}, 'At the k of the report'),
      h('p', { class: 'terms' }, listTerms(report, runs, alpha).join('; ')),
      factsTable(
        '',
        ['Value', ...shown.map(({ run }) => h('span', {}, runHead(report, run)))],
        [
          ...labels.map((label, i) => [label, ...shown.map(({ readings }) => cellOf(readings[i]))]),
          [
            '‖sin Θ‖ of the subspaces',
            ...shown.map(({ run }) => sinThetaCell(report.runs[run].tensors)),
          ],
        ],
      ),
      listNotes(shown).map((note) => h('p', { class: 'beside' }, note)),
    );
  }
  return { element, keys: ['report', 'runs', 'alpha'], draw };
}
