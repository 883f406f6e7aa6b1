// Values in a sentence: two digits, which is what a reader keeps.
import { count, number, percent } from './format.js';

/**
 * A share with two digits, and near the whole as many as tell it from that.
 * @param {number} share
 */
export function roundShare(share) {
  if (share > 0.99 || share < 1e-7) return percent(share);
  return `${roundTwo(100 * share)}\u00a0%`;
}

/** @param {number} ratio */
export const roundTimes = (ratio) =>
  ratio > 0 && ratio < 1e-3 ? `${number(ratio)}×` : `${roundTwo(ratio)}×`;

/** @param {number} value */
function roundTwo(value) {
  const rounded = Number(value.toPrecision(2));
  if (rounded === 0) return '0';
  return rounded >= 100 ? count(rounded) : value.toPrecision(2);
}
