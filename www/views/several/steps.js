// Checkpoints that are saves of one run: what each step changed, of the model and of one tensor,
// and along its rows and columns.
import { along } from '../../charts/along.js';
import { cellMap } from '../../charts/map.js';
import { h } from '../../dom/elements.js';
import { count, number, percent, times } from '../../report/format.js';
import { densityByStep, listSteps } from '../../report/steps.js';
import { facts, figure } from '../parts/figure.js';

const ASPECT = 0.6;

/** Shares of each step; `entries`: [[name, overlap]]. */
function curves(entries, names) {
  const [[, first]] = entries;
  const places = first.runs.map((_, i) => i + 1);
  const label = 'Changed by each step';
  const series = entries.map(([name, entry]) => ({
    name,
    observed: places.map((_, i) => entry.steps[i]?.density ?? null),
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
        'Of the weights, the share that changed in bf16 from the save before, the base going before the first. It is another quantity than the share changed by a whole run.',
    },
  );
}

const table = (title, entry, names) =>
  facts(
    title,
    ['Step', 'Changed', 'Share', 'Since the base'],
    listSteps(entry, names).map(({ name, changed, share, since }) => [
      name,
      count(changed),
      percent(share),
      percent(since),
    ]),
  );

/** Rows (or columns) down, steps across. */
function lines(entry, names, name, field) {
  const held = densityByStep(entry, field);
  if (!held) return null;
  const { rows, columns, group, length, densities, ratios, dispersions } = held;
  const say = (cell) => {
    const [from, to] = [
      Math.floor(cell / columns) * group + 1,
      Math.min(length, (Math.floor(cell / columns) + 1) * group),
    ];
    return `${from === to ? `${name} ${from}` : `${name}s ${from}–${to}`}, step ${(cell % columns) + 1} (${names[entry.runs[cell % columns]]}): ${percent(densities[cell])}, ${times(ratios[cell])} the step’s own share`;
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
        `${name === 'row' ? 'Rows' : 'Columns'} from top to bottom, steps from left to right; the share of weights that changed, over the step’s own. Chance: 1 everywhere. ` +
        `Dispersion by step: ${dispersions.map(number).join(', ')}; chance level 1.`,
    },
  );
}

export const modelSteps = (entry, names) =>
  entry?.steps &&
  h(
    'div',
    { class: 'several-grid steps', style: '--column: 350px' },
    curves([['model', entry]], names),
    table('Steps of the model', entry, names),
  );

/** Beside the model where that has the same steps. */
export function tensorSteps(entry, model, names) {
  if (!entry.steps) return null;
  const both =
    model?.steps && model.runs.length === entry.runs.length
      ? [
          ['tensor', entry],
          ['model', model],
        ]
      : [['tensor', entry]];
  return h(
    'div',
    { class: 'several-grid steps', style: '--column: 350px' },
    curves(both, names),
    table('Steps of the tensor', entry, names),
    lines(entry, names, 'row', 'row_density'),
    lines(entry, names, 'column', 'column_density'),
  );
}
