// Values in a sentence: two digits, which is what a reader keeps.
import { percent, roundTwo } from './format.js';

export { times as roundTimes } from './format.js';

/**
 * A share with two digits, and near the whole as many as tell it from that.
 * @param {number} share
 */
export function roundShare(share) {
  if (share > 0.99 || share < 1e-7) return percent(share);
  return `${roundTwo(100 * share)}\u00a0%`;
}
