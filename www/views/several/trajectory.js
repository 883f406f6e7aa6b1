// Successive checkpoints of one run: every metric of the model against the step.
import { along } from '../../charts/along.js';
import { h } from '../../dom/elements.js';
import { degrees, number, percent } from '../../report/format.js';
import { chanceInBrackets } from '../../report/chance.js';
import { compareOne, measureChange } from '../../report/ratios.js';
import { figure } from '../parts/figure.js';

/** @import { Report, Run } from '../../report/model.js' */
/** @import { Format, Maybe } from '../../report/format.js' */

/**
 * @typedef {object} Path
 * @property {string} label
 * @property {string} y
 * @property {Format} format
 * @property {boolean} [percent]
 * @property {(run: Run) => Maybe} value
 * @property {(run: Run) => Maybe} [random]
 * @property {(run: Run) => string | null} [note] What it leaves out.
 */

/**
 * The value of a run, and its random baseline, as everywhere else on the page.
 * @param {string} metric
 * @returns {Pick<Path, 'value' | 'random' | 'note'>}
 */
const readings = (metric) => ({
  value: ({ tensors }) => compareOne(metric, tensors, 0).value,
  random: ({ tensors }) => compareOne(metric, tensors, 0).baseline,
  note: ({ tensors }) => compareOne(metric, tensors, 0).note,
});

/** @type {Path[]} */
const PATHS = [
  {
    label: 'Principal energy by step',
    y: 'share of ‖Δ‖², %',
    format: percent,
    percent: true,
    ...readings('off_principal_share'),
  },
  {
    label: 'Stable rank of Δ by step',
    y: 'stable rank',
    format: number,
    ...readings('stable_rank'),
  },
  {
    label: 'NSS by step',
    y: 'NSS',
    format: number,
    ...readings('nss'),
  },
  {
    label: 'Median rotation by step',
    y: 'degrees',
    format: degrees,
    ...readings('rotation_median'),
  },
  {
    label: 'Relative update by step',
    y: '‖Δ‖ / ‖W0‖, %',
    format: percent,
    percent: true,
    value: ({ tensors }) => measureChange(tensors).relative,
  },
  {
    label: 'Unchanged in bf16 by step',
    y: 'weights, %',
    format: percent,
    percent: true,
    value: ({ tensors }) => measureChange(tensors).unchanged,
  },
];

/** @param {Maybe[]} values */
const isKnown = (values) => values.some((value) => typeof value === 'number');

/**
 * Nothing where there is no path to draw.
 * @param {Report} report
 */
export function trajectories({ runs }) {
  const places = runs.map((_, i) => i + 1);
  const charts = PATHS.flatMap(({ label, y, format, percent: isShare, value, random, note }) => {
    const observed = runs.map(value);
    const levels = runs.map((run) => random?.(run) ?? null);
    if (!isKnown(observed)) return [];
    const left = note?.(runs[runs.length - 1]);
    const chance = isKnown(levels) ? levels : undefined;
    const series = [{ name: 'model', observed, chance }];
    return [
      figure(
        label,
        along({
          label,
          x: 'step',
          y,
          percent: isShare,
          places,
          series,
          text: (_, place, known, level) =>
            `${runs[place - 1].checkpoint.name}: ${format(known)}` +
            chanceInBrackets(level, format),
        }),
        {
          series,
          beside: chance
            ? 'Since the base, after each step. Dashed: a random update of the same size. ' +
              `Over the matrices${left ? `; ${left}` : ''}.`
            : 'Since the base, after each step.',
        },
      ),
    ];
  });
  return charts.length > 0 && h('div', { class: 'charts trajectories' }, charts);
}
