// Successive checkpoints of one run: every metric of the model against the step.
import { along } from '../../charts/along.js';
import { h } from '../../dom/elements.js';
import { degrees, number, percent } from '../../report/format.js';
import { chanceInBrackets } from '../../report/chance.js';
import { figure } from '../parts/figure.js';

/** @import { Report, Rollup } from '../../report/model.js' */
/** @import { Format, Maybe } from '../../report/format.js' */

/**
 * @typedef {object} Path
 * @property {string} label
 * @property {string} y
 * @property {Format} format
 * @property {boolean} [percent]
 * @property {(model: Rollup) => Maybe} value
 * @property {(model: Rollup) => Maybe} [random]
 */

/** @type {(name: string) => (model: Rollup) => Maybe} */
const meanOf = (name) => (model) =>
  /** @type {Record<string, { mean?: number } | undefined>} */ (model.spectral)[name]?.mean;

/** @type {(name: string) => (model: Rollup) => Maybe} */
const lackOf = (name) => (model) => {
  const mean = meanOf(name)(model);
  return typeof mean === 'number' ? 1 - mean : null;
};

/** @type {Path[]} */
const PATHS = [
  {
    label: 'Principal energy by step',
    y: 'share of ‖Δ‖², %',
    format: percent,
    percent: true,
    value: lackOf('off_principal_share'),
    random: lackOf('off_principal_chance'),
  },
  {
    label: 'Stable rank of Δ by step',
    y: 'stable rank',
    format: number,
    value: meanOf('stable_rank'),
    random: meanOf('stable_rank_chance'),
  },
  {
    label: 'NSS by step',
    y: 'NSS',
    format: number,
    value: meanOf('nss'),
    random: meanOf('nss_chance'),
  },
  {
    label: 'Median rotation by step',
    y: 'degrees',
    format: degrees,
    value: meanOf('rotation_median'),
    random: meanOf('rotation_median_chance'),
  },
  {
    label: 'Relative update by step',
    y: '‖Δ‖ / ‖W0‖, %',
    format: percent,
    percent: true,
    value: ({ relative_update: update }) => update,
  },
  {
    label: 'Unchanged in bf16 by step',
    y: 'weights, %',
    format: percent,
    percent: true,
    value: ({ sparsity_bf16: share }) => share,
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
  const charts = PATHS.flatMap(({ label, y, format, percent: isShare, value, random }) => {
    const observed = runs.map(({ model }) => value(model));
    const levels = runs.map(({ model }) => random?.(model) ?? null);
    if (!isKnown(observed)) return [];
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
              'Means over the matrices.'
            : 'Since the base, after each step.',
        },
      ),
    ];
  });
  return charts.length > 0 && h('div', { class: 'charts trajectories' }, charts);
}
