// What the stored precision keeps of each run that is shown, side by side.
import { runRows } from '../../charts/run-rows.js';
import { h, replace } from '../../dom/elements.js';
import { number, percent } from '../../report/format.js';
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
  ['‖Δ‖ / ‖W0‖', ({ relative_update: update }) => percent(update)],
  ['Largest |Δ|', ({ max_abs_update: most }) => number(most)],
];

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
  const isPlaced = places.every((run) => describeTerms(report, run).reported.sparsity);
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
        reported: isPlaced ? PUBLISHED : {},
      }),
      {
        beside: isPlaced
          ? 'Grey: published whole runs of other models (Zhu et al. 2025, Table 1), a tick each.'
          : '',
      },
    ),
    figure(
      'Size of the update, ‖Δ‖ / ‖W0‖',
      runRows({
        label: 'Size of the update over that of the base',
        runs: moved,
        format: percent,
        domain: [0, ticks[2]],
        ticks,
      }),
      { beside: '' },
    ),
  ];
}

/** @returns {Part} */
export function byRunPart() {
  const element = h('div', { class: 'by-run' });
  /** @param {State} state */
  function draw({ report, runs }) {
    element.hidden = !report || report.runs.length < 2;
    if (!report || element.hidden) return;
    replace(
      element,
      h('h3', {}, 'Run by run'),
      h('p', { class: 'about' }, runKey(runs.map((run) => ({ run, name: nameRun(report, run) })))),
      h('div', { class: 'charts' }, drawFigures(report, runs)),
      factsTable(
        '',
        ['Run', ...COLUMNS.map(([label]) => label)],
        runs.map((run) => [
          runHead(report, run),
          ...COLUMNS.map(([, text]) => text(report.runs[run].model)),
        ]),
        'Exact counts and sums over all tensors that were compared. Hidden: differs as stored, ' +
          'not in bf16.',
      ),
    );
  }
  return { element, keys: ['report', 'runs'], draw };
}
