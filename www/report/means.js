// Sums, means and medians that leave out what is undefined.

/** @import { Maybe } from './format.js' */

/**
 * The values that are defined.
 * @template T
 * @param {(T | null | undefined)[]} values
 */
export const defined = (values) => values.filter((value) => value !== null && value !== undefined);

/** @param {number[]} values */
export const sum = (values) => values.reduce((a, b) => a + b, 0);

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
  const known = defined(values);
  return known.length ? sum(known) / known.length : null;
}

/**
 * The median; null where nothing is defined.
 * @param {Maybe[]} values
 */
export function median(values) {
  const ordered = defined(values).sort((a, b) => a - b);
  if (!ordered.length) return null;
  const middle = (ordered.length - 1) / 2;
  return (ordered[Math.floor(middle)] + ordered[Math.ceil(middle)]) / 2;
}
