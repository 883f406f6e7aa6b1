// An axis of ratios: logarithmic, around 1×, which is what a random update gives.
import { extremes } from '../report/means.js';

/** Ratios beyond these stand at the ends. */
const FURTHEST = [1e-3, 1e3];

/**
 * @typedef {object} RatioAxis
 * @property {(ratio: number) => number} place In pixels, within the ends.
 * @property {(ratio: number) => -1 | 0 | 1} beyond Whether a ratio lies off an end.
 * @property {number[]} ticks
 */

/**
 * Ticks at 1 and at as few powers of ten as tell the scale; where less than a decade is shown, at 2
 * and its inverse.
 * @param {number} low
 * @param {number} high
 */
function ticksOf(low, high) {
  const decades = [-3, -2, -1, 0, 1, 2, 3].map((power) => 10 ** power);
  const inside = (/** @type {number} */ tick) => tick >= low && tick <= high;
  const shown = decades.filter(inside);
  const every = shown.length > 5 ? 2 : 1;
  const thinned = shown.filter((tick) => Math.round(Math.log10(tick)) % every === 0);
  return thinned.length > 1 ? thinned : [0.5, 1, 2].filter(inside);
}

/**
 * @param {number[]} ratios
 * @param {number} left
 * @param {number} right
 * @returns {RatioAxis}
 */
export function ratioAxis(ratios, left, right) {
  const [least, most] = extremes([...ratios.filter((ratio) => ratio > 0), 1]);
  const low = Math.max(FURTHEST[0], Math.min(0.45, least / 1.25));
  const high = Math.min(FURTHEST[1], Math.max(2.2, most * 1.25));
  const width = Math.log(high / low);
  const clamp = (/** @type {number} */ ratio) => Math.min(high, Math.max(low, ratio));
  return {
    place: (ratio) => left + ((right - left) * Math.log(clamp(ratio) / low)) / width,
    beyond: (ratio) => (ratio < low ? -1 : ratio > high ? 1 : 0),
    ticks: ticksOf(low, high),
  };
}

/** @param {number} tick */
export const ratioTick = (tick) => `${tick >= 1 ? tick : String(tick)}×`;
