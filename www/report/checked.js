// What a report says of its check: some tensors computed again by another route.
import { counted } from './format.js';

/** @import { Report } from './model.js' */

/**
 * One sentence on the check of a report; null where it has none.
 * @param {Report} report
 */
export function describeCheck({ check }) {
  if (!check) return null;
  const counts = check.counts_differ ? `${check.counts_differ} counts differ` : 'counts are equal';
  const where = `${check.figure} of ${check.tensor}`;
  const largest =
    check.largest_deviation > 0
      ? `the largest deviation is ${check.largest_deviation.toExponential(1)} (${where})`
      : 'nothing deviates';
  const figures = `${check.figures} figures of ${counted(check.tensors, 'tensor')}`;
  return `${figures} were computed again in float64 by another route: ${counts}, ${largest}.`;
}
