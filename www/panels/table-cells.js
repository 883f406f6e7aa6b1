// The cells of the table of tensors: a value, how many times a random update's it is, and a bar
// that shows the same.
import { h } from '../dom/elements.js';
import { NONE, shape, times } from '../report/format.js';
import { formatChance, formatValue } from '../report/metric-words.js';
import { COVERED } from '../report/as-read.js';
import { saysNothing } from '../report/readings.js';
import { foldName, timesRandom } from '../report/table.js';

/** @import { Tensor } from '../report/model.js' */
/** @import { Metric } from '../report/metrics.js' */
/** @import { Column } from '../report/table.js' */

/** The bar ends at 8 times, or an eighth of, a random update. */
const REACH = 3;
const STEPS = 9;

/**
 * A bar from the middle, 1×, to the side on which the value lies.
 * @param {number} ratio
 */
function bar(ratio) {
  const far = Math.max(-REACH, Math.min(REACH, Math.log2(ratio)));
  const step = Math.min(STEPS, 1 + Math.floor(((far + REACH) / (2 * REACH)) * STEPS));
  const fill = h('span', { class: 'ratio-fill' });
  fill.style.left = `${50 + Math.min(0, far / REACH) * 50}%`;
  fill.style.width = `${(Math.abs(far) / REACH) * 50}%`;
  fill.style.setProperty('--fill', `var(--div-${step})`);
  return h('span', { class: 'ratio-bar', 'aria-hidden': 'true' }, fill);
}

/**
 * @param {Metric} metric
 * @param {Tensor} tensor
 */
const describeNone = (metric, tensor) =>
  saysNothing(metric, tensor) ? `no value: ${COVERED}` : 'no value';

/**
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
function metricCell(metric, tensor, alpha) {
  const value = metric.value(tensor, alpha);
  const level = formatChance(metric, tensor, alpha);
  const ratio = timesRandom(metric, tensor, alpha);
  const shown = value === null ? formatValue(metric, tensor, alpha) : metric.format(value);
  const title = [
    formatValue(metric, tensor, alpha),
    value !== null && level !== null && `random update ${level}`,
  ]
    .filter(Boolean)
    .join('; ');
  return h(
    'div',
    {
      role: 'gridcell',
      class: ratio ? 'n with-ratio' : 'n',
      title: shown === NONE ? describeNone(metric, tensor) : title,
    },
    h('span', {}, shown),
    ratio !== null && h('span', { class: 'ratio' }, times(ratio)),
    ratio !== null && ratio > 0 && bar(ratio),
  );
}

/**
 * The cells of a row.
 * @param {Tensor} tensor
 * @param {Column[]} columns
 * @param {{ tensors: Tensor[], alpha: number }} options `tensors` are all of the run.
 */
export function tensorCells(tensor, columns, { tensors, alpha }) {
  return columns.map(({ id, metric }, place) => {
    const cell = metric ? metricCell(metric, tensor, alpha) : ownCell(id, tensor, tensors);
    cell.setAttribute('aria-colindex', String(place + 1));
    return cell;
  });
}

/**
 * @param {string} id
 * @param {Tensor} tensor
 * @param {Tensor[]} tensors
 */
function ownCell(id, tensor, tensors) {
  if (id === 'name')
    return h(
      'div',
      { role: 'rowheader', class: 'name', title: tensor.name },
      foldName(tensor, tensors),
    );
  const text = { layer: tensor.layer ?? NONE, module: tensor.module, shape: shape(tensor.shape) };
  return h(
    'div',
    { role: 'gridcell', class: id },
    String(text[/** @type {'layer' | 'module' | 'shape'} */ (id)]),
  );
}
