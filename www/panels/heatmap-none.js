// What a heatmap without a single value says: why, and which metric has values here.
import { h } from '../dom/elements.js';
import { ROUNDING_ALONE, isCast } from '../report/cast.js';
import { sentence } from '../report/format.js';
import { availableMetrics } from '../report/metrics.js';
import { labelOf, saysNothing } from '../report/readings.js';
import { withValue } from './heatmap-words.js';

/** @import { Metric } from '../report/metrics.js' */
/** @import { HeatData } from './heatmap-data.js' */
/** @import { Choose, View } from './view.js' */

/** What most tensors have a value of; the first that has one is offered. */
const OFFERED = ['relative_update', 'sparsity_bf16', 'listed_density'];

/** @param {HeatData} data */
function describeWhy({ measure: { metric, label }, main, part }) {
  const tensors = main.cells.flatMap(({ cell }) => cell.tensors);
  const measured = tensors.filter(({ geometry }) => geometry);
  if (measured.length > 0 && measured.every((tensor) => saysNothing(metric, tensor)))
    return (
      `k covers all directions of these matrices, so that “${label}” says nothing of them; ` +
      'a smaller k would.'
    );
  if (measured.length > 0 && measured.every(isCast)) return sentence(ROUNDING_ALONE);
  return part === 'vectors'
    ? `“${label}” is of matrices: vectors have no value of it.`
    : `The report has no value of “${label}” for these tensors.`;
}

/**
 * A metric that some tensor of the table has a value of.
 * @param {View} view
 * @param {HeatData} data
 * @returns {Metric | undefined}
 */
export function findOffered({ report, alpha }, { main, measure }) {
  const tensors = main.cells.flatMap(({ cell }) => cell.tensors);
  const present = availableMetrics(report).filter(({ id }) => id !== measure.metric.id);
  const first = OFFERED.flatMap((id) => present.filter((metric) => metric.id === id));
  return [...first, ...present].find((metric) =>
    tensors.some((tensor) => metric.value(tensor, alpha) !== null && !saysNothing(metric, tensor)),
  );
}

/**
 * Why no cell has a value, and a metric to show instead; null where one has.
 * @param {View} view
 * @param {Choose} choose
 * @param {HeatData} data
 */
export function describeNone(view, choose, data) {
  if (!data.main.cells.length || withValue(data.main).length) return null;
  const offered = findOffered(view, data);
  return h(
    'p',
    { class: 'heat-about' },
    describeWhy(data),
    offered && [
      ' ',
      h(
        'button',
        {
          type: 'button',
          'data-key': 'metric with values',
          onclick: () => choose({ metric: offered.id }),
        },
        `Show “${labelOf(offered)}”`,
      ),
    ],
  );
}
