// A metric's values and levels in words.
import { ofWholeRuns } from './comparison.js';
import { formatRange, within } from './format.js';

/** @import { Comparison, Tensor } from './model.js' */
/** @import { Metric } from './metrics.js' */

/**
 * A value, ± its uncertainty where that is known; where there is only an interval that encloses it,
 * its two ends.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export function formatValue({ format, value, uncertainty, interval }, tensor, alpha) {
  const known = value(tensor, alpha);
  const ends = known === null ? interval?.(tensor, alpha) : null;
  return ends ? formatRange(ends, format) : within(format, known, uncertainty?.(tensor, alpha));
}

/**
 * A chance level, ± its standard deviation where it has one; null where the metric or the tensor
 * has none.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export function formatChance(metric, tensor, alpha) {
  const level = metric.chance?.(tensor, alpha) ?? null;
  return level === null ? null : within(metric.format, level, metric.deviation?.(tensor, alpha));
}

/**
 * What a metric is read against beside chance. What was reported of whole runs is not a reference
 * where the checkpoints are not whole runs.
 * @param {Pick<Metric, 'reference' | 'reported'>} metric
 * @param {Comparison | null} [comparison]
 */
export const describeReferences = ({ reference, reported }, comparison) =>
  [
    reference,
    reported &&
      (ofWholeRuns(comparison)
        ? reported
        : 'published ranges are of whole runs, which is another quantity'),
  ]
    .filter(Boolean)
    .join('; ');
