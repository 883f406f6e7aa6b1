// Sums, means and medians that leave out what is undefined.

/** @import { Maybe } from './format.js' */

/**
 * The values that are defined.
 * @template T
 * @param {(T | null | undefined)[]} values
 */
export const defined = (values) => values.filter((value) => value !== null && value !== undefined);

/** @param {number[]} values */
export function sum(values) {
  let all = 0;
  for (const value of values) all += value;
  return all;
}

/**
 * Least and largest value.
 * @param {number[]} values
 * @returns {[number, number]}
 */
export const extremes = (values) => [Math.min(...values), Math.max(...values)];

/**
 * The mean; null where nothing is defined.
 * @param {Maybe[]} values
 */
export function mean(values) {
  let [all, known] = [0, 0];
  for (const value of values)
    if (value !== null && value !== undefined) {
      all += value;
      known += 1;
    }
  return known ? all / known : null;
}

/**
 * The median; null where nothing is defined.
 * @param {Maybe[]} values
 */
export function median(values) {
  // Numbers of one kind in a row are sorted many times faster.
  const ordered = Float64Array.from(defined(values)).sort();
  if (!ordered.length) return null;
  const middle = (ordered.length - 1) / 2;
  return (ordered[Math.floor(middle)] + ordered[Math.ceil(middle)]) / 2;
}
