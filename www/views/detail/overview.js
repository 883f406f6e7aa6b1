// One tensor in four values: each as a multiple of a random update of the same size, where there is
// one to divide by, and as it is.
import { h } from '../../dom/elements.js';
import { findMetric, formatChance, formatValue } from '../../report/metrics.js';
import { percent, times } from '../../report/format.js';

/** @import { Detailed } from '../../report/model.js' */
/** @import { Maybe } from '../../report/format.js' */

/**
 * A value that is read first.
 * @typedef {object} Headline
 * @property {string} label
 * @property {number | null} ratio To a random update; null where there is none.
 * @property {string} raw
 * @property {string | null} random
 */

/**
 * @param {Maybe} value
 * @param {Maybe} random
 */
const over = (value, random) =>
  typeof value === 'number' && typeof random === 'number' && random > 0 ? value / random : null;

/**
 * The share within the principal block: what is off it, from the other side.
 * @param {Detailed} tensor
 * @returns {Headline | null}
 */
function principalEnergy({ geometry }) {
  const share = geometry?.off_principal_share;
  const random = geometry?.chance.both;
  if (typeof share !== 'number' || typeof random !== 'number') return null;
  return {
    label: 'Principal energy',
    ratio: over(1 - share, 1 - random),
    raw: percent(1 - share),
    random: percent(1 - random),
  };
}

/**
 * @param {string} id
 * @param {Detailed} tensor
 * @param {number} alpha
 * @returns {Headline | null}
 */
function headline(id, tensor, alpha) {
  const metric = findMetric(id);
  const value = metric.value(tensor, alpha);
  if (value === null) return null;
  return {
    label: metric.label,
    ratio: over(value, metric.chance?.(tensor, alpha)),
    raw: formatValue(metric, tensor, alpha),
    random: formatChance(metric, tensor, alpha),
  };
}

/** In the order in which they are asked for; a vector has but some. */
const IDS = [
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
  [principalEnergy(tensor), ...IDS.map((id) => headline(id, tensor, alpha))]
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
    headlinesOf(tensor, alpha).map(({ label, ratio, raw, random }) =>
      h(
        'div',
        {},
        h('dt', {}, label),
        h('dd', { class: 'ratio' }, ratio === null ? raw : `${times(ratio)} random`),
        ratio !== null && h('dd', { class: 'raw' }, `${raw}, random ${random}`),
      ),
    ),
  );
