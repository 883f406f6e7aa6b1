// Values in few digits, as there is room for in a cell.

/** @import { Format } from './format.js' */

/**
 * How many times, in few digits; near 1 with those that tell it from 1.
 * @param {number} ratio
 */
export function shortTimes(ratio) {
  if (ratio > 0 && ratio < 0.001) return '<0.001×';
  if (ratio !== 1 && ratio > 0.895 && ratio < 1.095) return `${ratio.toFixed(2)}×`;
  return `${ratio >= 9.95 ? Math.round(ratio) : Number(ratio.toPrecision(2))}×`;
}

/**
 * A format without the zeros that end a decimal fraction: 0.5, not 0.500.
 * @param {Format} format
 * @returns {(value: number) => string}
 */
export const shorten = (format) => (value) =>
  format(value)
    .replace(/(\.\d*?)0+(?!\d)/, '$1')
    .replace(/\.(?!\d)/, '');
