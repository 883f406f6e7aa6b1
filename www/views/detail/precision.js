// What the stored precision shows of one tensor's update.
import { curves, deciles, histogram, profile } from '../../charts/curves.js';
import { count, number, percent } from '../../report/format.js';
import { figure } from '../parts/figure.js';

/** @import { Decile, Detailed, Profile } from '../../report/model.js' */
/** @import { Series } from '../../charts/curves.js' */

/**
 * Shares of changed weights along rows or columns, beside the tensor’s own; nothing where there are
 * none.
 * @param {Profile | null | undefined} shares
 * @param {object} options
 * @param {number} options.across Weights of one row or column.
 * @param {number} options.density The tensor’s own share.
 * @param {'row' | 'column'} options.name
 */
export function sharesAlong(shares, { across, density, name }) {
  if (!shares) return null;
  const beside =
    `Dispersion ${number(shares.dispersion)}, random 1. Shaded: where independent ` +
    `changes would stay (± 2 standard deviations around ${percent(density)}). ` +
    `Single ${name}s: ${percent(shares.min)} to ${percent(shares.max)}, median ` +
    `${percent(shares.median)}.`;
  const title = `Changed weights by ${name}`;
  return figure(title, profile(shares, { title, label: name, across, density }), { beside });
}

/** @param {Decile[]} tenths */
function updateByMagnitude(tenths) {
  /** @type {Series[]} */
  const series = [
    { name: 'mean |Δ|', values: tenths.map(({ mean_abs_update: update }) => update ?? NaN) },
    {
      name: 'half a bf16 ULP',
      values: tenths.map(({ half_ulp: half }) => half ?? NaN),
      dashed: true,
    },
  ];
  return figure(
    'Update size vs bf16 resolution',
    curves({
      label: 'Mean update and half a ULP by magnitude decile',
      series,
      x: 'decile of |W0|',
      y: '|Δ|',
      log: true,
    }),
    { series, beside: 'Reference: an update below half a ULP is lost in bf16 (heuristic).' },
  );
}

/** @param {Detailed} tensor */
export function precisionFigures({ precision, parameters, shape }) {
  if (!precision) return [];
  const {
    ulp_histogram: ulp,
    magnitude_deciles: tenths,
    row_density: rows,
    column_density: columns,
    unchanged,
  } = precision;
  const changed = 1 - precision.sparsity_bf16;
  const [m, n] = shape;
  return [
    ulp.counts.length
      ? figure('Change in bf16 steps (ULPs)', histogram(ulp, parameters), {
          beside:
            `Reference: 0 is an equal code (grey). ${count(unchanged)} of ${count(parameters)} ` +
            'weights are unchanged; counts on a log scale.',
        })
      : null,
    sharesAlong(rows, { across: n, density: changed, name: 'row' }),
    sharesAlong(columns, { across: m, density: changed, name: 'column' }),
    tenths?.length
      ? figure('Changed weights by magnitude', deciles(tenths, changed), {
          beside:
            `Dashed: the tensor’s own share, ${percent(changed)}; without dependence on ` +
            'magnitude every bar would reach it.',
        })
      : null,
    tenths?.length ? updateByMagnitude(tenths) : null,
  ].filter(Boolean);
}
