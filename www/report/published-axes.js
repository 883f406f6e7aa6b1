// The axes on which values stand beside published ones: the sentences do without.

/** @import { Range } from './placement.js' */

/** @param {number} value */
const fewDigits = (value) =>
  value > 0 && value < 1e-2
    ? value.toExponential(0).replace('-', '−')
    : String(Number(value.toPrecision(2)));
/** @param {number} value */
const endPercent = (value) => `${fewDigits(value * 100)}\u00a0%`;
/** @param {number} value */
const endDegrees = (value) => `${fewDigits(value)}°`;

/**
 * By metric: what an axis covers at least, and an end of it in few digits.
 * @type {Record<string, {
 *   scale: 'linear' | 'log', domain: Range, end: (value: number) => string,
 * }>}
 */
export const AXES = {
  sparsity_bf16: { scale: 'linear', domain: [0, 1], end: endPercent },
  nss: { scale: 'log', domain: [1e-6, 1e-1], end: fewDigits },
  rotation_max: { scale: 'log', domain: [0.01, 90], end: endDegrees },
  principal_overlap: { scale: 'linear', domain: [0, 1], end: endPercent },
  low_overlap: { scale: 'linear', domain: [0, 1], end: endPercent },
  spectral_excess: { scale: 'log', domain: [0.5, 2000], end: fewDigits },
};
