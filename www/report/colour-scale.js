// From values to the steps of a colour scale. Its ends are those of the bulk of the values, so that
// one outlier does not take all contrast from the others; what lies beyond has the last colour, and
// the legend says so.
import { extremes } from './means.js';

/**
 * What colours stand for: `ratio` is how many times the level of a random update, on a log scale
 * around 1; `signed` a difference around 0; `plain` a value that has no middle.
 * @typedef {'ratio' | 'signed' | 'plain'} Kind
 */

/**
 * @typedef {object} ColourScale
 * @property {Kind} kind
 * @property {number} steps Steps of the map: 9 around a middle, or 5 of one hue.
 * @property {number} low
 * @property {number} high
 * @property {boolean} below Whether some value lies below `low` and has its colour.
 * @property {boolean} above
 * @property {number | null} equal The value, where all are the same.
 * @property {number} least Of the values; 0 where there are none.
 * @property {number} most
 * @property {number} count Values that are defined.
 * @property {(value: number) => number} partOf The part of the scale's length, from 0 to 1.
 * @property {(value: number) => number} stepOf From 1.
 */

/** Fewer values have no bulk: then the ends are the least and the largest. */
const LEAST_BULK = 8;
const TAIL = 0.02;
/** The ends are at least so far from the middle: noise has no strong colours. */
const LEAST_RATIO = 2;
const EQUAL = 1e-9;

/**
 * The ends of the bulk: from the 2nd to the 98th percentile, which leaves out at least one value on
 * each side.
 * @param {number[]} values
 * @returns {[number, number]}
 */
export function bulkOf(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const last = ordered.length - 1;
  if (ordered.length < LEAST_BULK) return [ordered[0], ordered[last]];
  return [ordered[Math.ceil(TAIL * last)], ordered[Math.floor((1 - TAIL) * last)]];
}

const MANTISSAS = [1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10];

/**
 * The next round number from a positive one up.
 * @param {number} value
 */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const rounded = MANTISSAS.find((digit) => digit * power >= value * (1 - EQUAL)) ?? 10;
  return Number((rounded * power).toPrecision(6));
}

/**
 * How far the colours of ratios reach: the bulk of them, as a round number of times.
 * @param {number[]} ratios
 */
function reachOf(ratios) {
  // A ratio of 0 is farther than any end.
  const positive = ratios.filter((ratio) => ratio > 0);
  if (!positive.length) return LEAST_RATIO;
  const far = Math.max(...bulkOf(positive.map(Math.log2)).map(Math.abs));
  return 2 ** far <= LEAST_RATIO ? LEAST_RATIO : roundUp(2 ** far);
}

/**
 * @param {number[]} values
 * @param {Kind} kind
 * @param {boolean} log
 * @returns {[number, number]}
 */
function endsOf(values, kind, log) {
  if (!values.length) return [0, 1];
  if (kind === 'ratio') {
    const reach = reachOf(values);
    return [1 / reach, reach];
  }
  if (kind === 'signed') {
    const [low, high] = bulkOf(values);
    const all = extremes(values).map(Math.abs);
    const reach = Math.max(Math.abs(low), Math.abs(high)) || Math.max(...all) || 1;
    return [-reach, reach];
  }
  const shown = log ? values.filter((value) => value > 0) : values;
  const [low, high] = bulkOf(shown);
  return low < high ? [low, high] : extremes(shown);
}

/** @type {Record<Kind, number>} */
const STEPS = { ratio: 9, signed: 9, plain: 5 };

/**
 * The scale of some values; those that are null or not a number have no part in it.
 * @param {(number | null | undefined)[]} values
 * @param {Kind} kind
 * @param {boolean} [log] Whether a scale without a middle is logarithmic.
 * @returns {ColourScale}
 */
export function scaleOf(values, kind, log = false) {
  const known = values.filter((value) => typeof value === 'number' && Number.isFinite(value));
  const numbers = /** @type {number[]} */ (known);
  const positive = numbers.some((value) => value > 0) && numbers.every((value) => value >= 0);
  const logarithmic = kind === 'ratio' || (kind === 'plain' && log && positive);
  const [low, high] = endsOf(numbers, kind, logarithmic);
  const [least, most] = numbers.length ? extremes(numbers) : [0, 0];
  const near = EQUAL * Math.max(Math.abs(least), Math.abs(most));
  const steps = STEPS[kind];
  /** @param {number} value */
  const place = (value) => (logarithmic ? Math.log(value) : value);
  const [from, to] = [place(low), place(high)];
  /** @param {number} value */
  const partOf = (value) =>
    from < to ? Math.min(1, Math.max(0, (place(value) - from) / (to - from))) : 0.5;
  return {
    kind,
    steps,
    low,
    high,
    below: numbers.length > 0 && least < low - near,
    above: numbers.length > 0 && most > high + near,
    equal: numbers.length > 0 && most - least <= near ? least : null,
    least,
    most,
    count: numbers.length,
    partOf,
    stepOf: (value) => Math.min(steps, 1 + Math.floor(partOf(value) * steps)),
  };
}
