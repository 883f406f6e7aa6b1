// What the stored precision keeps of each run that is shown, side by side.
import { h, replace } from '../../dom/elements.js';
import { number, percent } from '../../report/format.js';
import { runColour, runLetter } from '../../report/run-colours.js';
import { factsTable } from '../parts/figure.js';

/** @import { Rollup } from '../../report/model.js' */
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

/** @returns {Part} */
export function byRunPart() {
  const element = h('div', { class: 'by-run' });
  /** @param {State} state */
  function draw({ report, runs }) {
    element.hidden = !report || report.runs.length < 2;
    if (!report) return;
    replace(
      element,
      factsTable(
        'Run by run',
        ['Run', ...COLUMNS.map(([label]) => label)],
        runs.map((place) => {
          const { checkpoint, model } = report.runs[place];
          return [
            [
              h('span', { class: 'letter', style: `--run: ${runColour(place)}` }, runLetter(place)),
              ` ${checkpoint.name}`,
            ],
            ...COLUMNS.map(([, text]) => text(model)),
          ];
        }),
        'Exact counts and sums over all tensors that were compared. Hidden: differs as stored, ' +
          'not in bf16.',
      ),
    );
  }
  return { element, keys: ['report', 'runs'], draw };
}
