// One tensor in four values: each as a multiple of a random update of the same size, where there is
// one to divide by, and as it is.
import { h } from '../../dom/elements.js';
import { ROUNDING_ALONE, isCast } from '../../report/cast.js';
import { NONE, times, within } from '../../report/format.js';
import { formatChance } from '../../report/metric-words.js';
import { findMetric } from '../../report/metrics.js';
import { visibleError } from '../../report/reading-words.js';
import { COVERED, asRead } from '../../report/as-read.js';
import { saysNothing } from '../../report/readings.js';

/** @import { Detailed } from '../../report/model.js' */

/**
 * A value that is read first.
 * @typedef {object} Headline
 * @property {string} label
 * @property {number | null} ratio To a random update; null where there is none.
 * @property {string} raw
 * @property {string | null} random
 * @property {string | null} [why] Why there is no value.
 */

/**
 * @param {string} id
 * @param {Detailed} tensor
 * @param {number} alpha
 * @returns {Headline | null}
 */
function headline(id, tensor, alpha) {
  const found = findMetric(id);
  if (found.value(tensor, alpha) === null) return null;
  const metric = asRead(found);
  const { label } = metric;
  const value = metric.value(tensor, alpha);
  if (value === null)
    return {
      label,
      ratio: null,
      raw: NONE,
      random: null,
      why: saysNothing(metric, tensor) ? COVERED : 'no value',
    };
  if (metric.chance && isCast(tensor))
    return {
      label,
      ratio: null,
      raw: metric.format(value),
      random: null,
      why: ROUNDING_ALONE,
    };
  const level = metric.chance?.(tensor, alpha) ?? null;
  return {
    label,
    ratio: level !== null && level > 0 ? value / level : null,
    raw: within(metric.format, value, visibleError(value, metric.uncertainty?.(tensor, alpha))),
    random: formatChance(metric, tensor, alpha),
  };
}

/** In the order in which they are asked for; a vector has but some. */
const IDS = [
  'off_principal_share',
  'stable_rank',
  'nss',
  'rotation_median',
  'relative_update',
  'sparsity_bf16',
  'listed_density',
  'listed_changed',
];

/**
 * The first four that a tensor has.
 * @param {Detailed} tensor
 * @param {number} alpha
 */
export const headlinesOf = (tensor, alpha) =>
  IDS.map((id) => headline(id, tensor, alpha))
    .filter((found) => found !== null)
    .slice(0, 4);

/**
 * @param {Detailed} tensor
 * @param {number} alpha
 */
export const headlines = (tensor, alpha) =>
  h(
    'dl',
    { class: 'headlines' },
    headlinesOf(tensor, alpha).map(({ label, ratio, raw, random, why = null }) =>
      h(
        'div',
        {},
        h('dt', {}, label),
        h('dd', { class: 'ratio' }, ratio === null ? raw : `${times(ratio)} random`),
        ratio !== null && h('dd', { class: 'raw' }, `${raw}, random ${random}`),
        why !== null && h('dd', { class: 'raw' }, why),
      ),
    ),
  );
