// What the stored precision shows of one tensor's update.
import { curves, deciles, histogram, profile } from '../../charts/curves.js';
import { count, number, percent } from '../../report/format.js';
import { figure } from '../parts/figure.js';

/**
 * Shares of changed weights along rows or columns, beside the tensor’s own; nothing where there are
 * none.
 */
export function density(held, across, share, name) {
  if (!held) return null;
  const beside =
    `Dispersion ${number(held.dispersion)}, chance level 1. Shaded: where independent changes would stay (± 2 standard deviations around ${percent(share)}). ` +
    `Single ${name}s: ${percent(held.min)} to ${percent(held.max)}, median ${percent(held.median)}.`;
  const title = `Changed weights by ${name}`;
  return figure(title, profile(held, across, share, name, { title }), { beside });
}

function magnitude(list) {
  const series = [
    { name: 'mean |Δ|', values: list.map((one) => one.mean_abs_update) },
    { name: 'half a bf16 ULP', values: list.map((one) => one.half_ulp), dashed: true },
  ];
  return figure(
    'Update beside bf16 resolution',
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
    figure('Distance in bf16 codes', histogram(ulp, parameters), {
      beside: `Reference: 0 is an equal code (grey). ${count(unchanged)} of ${count(parameters)} weights are unchanged; counts on a log scale.`,
    }),
    density(rows, n, changed, 'row'),
    density(columns, m, changed, 'column'),
    tenths?.length
      ? figure('Changed weights by magnitude', deciles(tenths, changed), {
          beside: `Dashed: the tensor’s own share, ${percent(changed)}; without dependence on magnitude every bar would reach it.`,
        })
      : null,
    tenths?.length ? magnitude(tenths) : null,
  ].filter(Boolean);
}
