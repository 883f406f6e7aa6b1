// How large the update of each run that is shown is, and what of it the stored precision keeps.
import { runRows } from '../../charts/run-rows.js';
import { h, replace } from '../../dom/elements.js';
import { count, number, percent } from '../../report/format.js';
import { isAdapter } from '../../report/adapter.js';
import { describeNoPlace } from '../../report/placement.js';
import { REPORTED } from '../../report/reported.js';
import { nameRun } from '../../report/run-names.js';
import { runKey } from '../../panels/parts.js';
import { factsTable, figure } from '../parts/figure.js';
import { describeTerms } from '../summary/terms.js';
import { runHead } from './at-k.js';

/** @import { Report, Rollup } from '../../report/model.js' */
/** @import { Maybe } from '../../report/format.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/** @type {[label: string, text: (model: Rollup) => string][]} */
const COLUMNS = [
  ['Unchanged in bf16', ({ sparsity_bf16: share }) => percent(share)],
  [
    'Equal bit by bit',
    ({ bit_equal: equal, parameters: all }) => percent(all ? equal / all : null),
  ],
  ['Hidden by bf16', ({ hidden_by_bf16: share }) => percent(share)],
  ['|Δ| within tolerance', ({ sparsity_abs: share }) => percent(share)],
  ['Relative update', ({ relative_update: update }) => percent(update)],
  ['Largest |Δ|', ({ max_abs_update: most }) => number(most)],
];

/** Where there are some. @type {typeof COLUMNS[number]} */
const NOT_FINITE = ['Not finite', ({ non_finite: weights }) => count(weights)];

/** @type {[low: number, high: number]} */
const ALL = [0, 1];

/** Shares as others reported them, by kind of training. */
const PUBLISHED = Object.fromEntries(
  /** @type {const} */ (['RLVR', 'SFT']).map((kind) => [
    kind,
    REPORTED.sparsity[kind].map(([share]) => Number(share)),
  ]),
);

/**
 * A round end of a scale from 0, with its middle.
 * @param {number} most
 */
function roundEnd(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  const end = ([1, 2, 4, 6, 8].find((digit) => digit * power >= most) ?? 10) * power;
  return [0, end / 2, end];
}

/**
 * @param {Report} report
 * @param {number[]} places
 */
function drawFigures(report, places) {
  /** @param {(model: Rollup) => Maybe} value */
  const read = (value) =>
    places.map((run) => ({
      run,
      name: nameRun(report, run),
      value: value(report.runs[run].model) ?? null,
    }));
  const unchanged = read(({ sparsity_bf16: share }) => share);
  const moved = read(({ relative_update: update }) => update);
  const [unplaced = null] = places.flatMap((run) => describeNoPlace(report, run) ?? []);
  const ticks = roundEnd(Math.max(1e-12, ...moved.map(({ value }) => value ?? 0)));
  return [
    figure(
      'Unchanged in bf16',
      runRows({
        label: 'Share of the weights unchanged in bf16',
        runs: unchanged,
        format: percent,
        domain: ALL,
        ticks: [0, 0.5, 1],
        reported: unplaced === null ? PUBLISHED : {},
      }),
      {
        beside:
          unplaced ??
          'Grey: published whole runs of other models (Zhu et al. 2025, Table 1), a tick each.',
      },
    ),
    figure(
      'Relative update, ‖Δ‖ / ‖W0‖',
      runRows({
        label: 'Relative update, the norm of Δ over that of the base',
        runs: moved,
        format: percent,
        domain: [0, ticks[2]],
        ticks,
      }),
      { beside: 'The relative update of a matrix bounds its NSS.' },
    ),
  ];
}

/**
 * What the values of a run depend on.
 * @param {Report} report
 * @param {number} run
 */
function describeConditions(report, run) {
  const { part, whole, eta, dtype, tolerance } = describeTerms(report, run);
  const name = report.runs.length > 1 ? `${nameRun(report, run)}: ` : '';
  return `${name}${part ?? whole} · ${eta} · tolerance ${tolerance} · ${dtype} · exact counts`;
}

/** @returns {Part} */
export function byRunPart() {
  const element = h('div', { class: 'by-run' });
  /** @param {State} state */
  function draw({ report, run: focus, runs }) {
    // One adapter has cards: its values are of other weights before the merge and after it.
    element.hidden = !report?.runs[focus] || (report.runs.length < 2 && isAdapter(report.runs[0]));
    if (!report || element.hidden) return;
    const hasOdd = runs.some((run) => report.runs[run].model.non_finite > 0);
    const columns = hasOdd ? [...COLUMNS, NOT_FINITE] : COLUMNS;
    replace(
      element,
      h('h3', {}, report.runs.length > 1 ? 'Run by run' : 'Precision and size'),
      report.runs.length > 1 &&
        h(
          'p',
          { class: 'about' },
          runKey(runs.map((run) => ({ run, name: nameRun(report, run) }))),
        ),
      h('div', { class: 'charts' }, drawFigures(report, runs)),
      factsTable(
        '',
        ['Run', ...columns.map(([label]) => label)],
        runs.map((run) => [
          runHead(report, run),
          ...columns.map(([, text]) => text(report.runs[run].model)),
        ]),
        'Exact counts and sums over all tensors that were compared. Hidden: differs as stored, ' +
          'not in bf16.',
      ),
      h('p', { class: 'terms' }, describeConditions(report, focus)),
    );
  }
  return { element, keys: ['report', 'run', 'runs'], draw };
}
