// Successive checkpoints of one run: what each step changed, of the model and of one tensor, and
// along its rows and columns.
import { along } from '../../charts/along.js';
import { cellMap } from '../../charts/map.js';
import { h } from '../../dom/elements.js';
import { count, number, percent, times } from '../../report/format.js';
import { densityByStep, listSteps } from '../../report/steps.js';
import { factsTable, figure } from '../parts/figure.js';

/** @import { Overlap } from '../../report/model.js' */

const ASPECT = 0.6;

/**
 * Shares of each step.
 * @param {[name: string, entry: Overlap][]} entries
 * @param {string[]} names Of the runs.
 */
function stepCurves(entries, names) {
  const [[, first]] = entries;
  const places = first.runs.map((_, i) => i + 1);
  const label = 'Changed by each step';
  const series = entries.map(([name, entry]) => ({
    name,
    observed: places.map((_, i) => entry.steps?.[i]?.density ?? null),
  }));
  return figure(
    label,
    along({
      label,
      x: 'step',
      y: 'changed weights, %',
      percent: true,
      places,
      series,
      text: (name, place, share) => `${names[first.runs[place - 1]]}, ${name}: ${percent(share)}`,
    }),
    {
      series,
      beside:
        'Of the weights, the share that changed in bf16 from the checkpoint before, the base ' +
        'going before the first. It is another quantity than the share changed by a whole run.',
    },
  );
}

/**
 * @param {string} title
 * @param {Overlap} entry
 * @param {string[]} names
 */
const table = (title, entry, names) =>
  factsTable(
    title,
    ['Step', 'Changed', 'Share', 'Since the base'],
    listSteps(entry, names).map(({ name, changed, share, since }) => [
      name,
      count(changed),
      percent(share),
      percent(since),
    ]),
  );

/**
 * Rows (or columns) down, steps across.
 * @param {Overlap} entry
 * @param {string[]} names
 * @param {'row' | 'column'} name
 * @param {'row_density' | 'column_density'} field
 */
function stepMap(entry, names, name, field) {
  const map = densityByStep(entry, field);
  if (!map) return null;
  const { rows, columns, group, length, densities, ratios, dispersions } = map;
  /** @param {number} cell */
  const say = (cell) => {
    const [from, to] = [
      Math.floor(cell / columns) * group + 1,
      Math.min(length, (Math.floor(cell / columns) + 1) * group),
    ];
    return (
      `${from === to ? `${name} ${from}` : `${name}s ${from}–${to}`}, step ` +
      `${(cell % columns) + 1} (${names[entry.runs[cell % columns]]}): ` +
      `${percent(densities[cell])}, ${times(ratios[cell])} the step’s own share`
    );
  };
  const title = `Changed by each step, by ${name}`;
  return figure(
    title,
    cellMap({
      rows,
      columns,
      values: ratios,
      aspect: ASPECT,
      say,
      format: times,
      level: 1,
      label: title,
    }),
    {
      beside:
        `${name === 'row' ? 'Rows' : 'Columns'} from top to bottom, steps from left to ` +
        'right; the share of weights that changed, over the step’s own. Random: 1 ' +
        'everywhere. ' +
        `Dispersion by step: ${dispersions.map(number).join(', ')}; random 1.`,
    },
  );
}

/**
 * @param {Overlap | null} entry
 * @param {string[]} names
 * @param {string | null} part What part of the model it is, where it is not the whole.
 */
export const modelSteps = (entry, names, part) =>
  entry?.steps &&
  h(
    'div',
    { class: 'several-grid steps', style: '--column: 350px' },
    stepCurves([[part === null ? 'model' : 'compared part', entry]], names),
    table(part === null ? 'Steps of the model' : `Steps of the ${part}`, entry, names),
  );

/**
 * Beside the model where that has the same steps.
 * @param {Overlap} entry
 * @param {Overlap | null} model
 * @param {string[]} names
 * @param {string | null} part As for the model's steps.
 */
export function tensorSteps(entry, model, names, part) {
  if (!entry.steps) return null;
  /** @type {[string, Overlap][]} */
  const both =
    model?.steps && model.runs.length === entry.runs.length
      ? [
          ['tensor', entry],
          [part === null ? 'model' : 'compared part', model],
        ]
      : [['tensor', entry]];
  return h(
    'div',
    { class: 'several-grid steps', style: '--column: 350px' },
    stepCurves(both, names),
    table('Steps of the tensor', entry, names),
    stepMap(entry, names, 'row', 'row_density'),
    stepMap(entry, names, 'column', 'column_density'),
  );
}
