// A value beside its random baseline, in the words of a line.
import { counted, within } from './format.js';
import { findMetric } from './metrics.js';
import { roundTimes } from './rounding.js';

/** @import { Reading } from './ratios.js' */

/** Smaller parts of a value do not show in three digits. */
const LEAST = 5e-4;

/**
 * An error that can be seen beside its value.
 * @param {number | null} error
 * @param {number | null} value
 */
const visible = (error, value) =>
  error !== null && value !== null && error >= LEAST * Math.abs(value) ? error : null;

/**
 * The ratio first, then what it is of.
 * @param {Reading} reading
 */
export function describeReading(reading) {
  const { value, baseline, ratio, uncertainty, deviation, noise, matrices, exact, note } = reading;
  const { format } = findMetric(reading.metric);
  if (ratio === null) return `no ratio: ${note}`;
  const how = exact === matrices ? 'exact' : exact ? `exact for ${exact}` : 'estimated';
  return [
    `${roundTimes(ratio)} random${noise ? ', within noise' : ''}`,
    `${within(format, value, visible(uncertainty, value))} beside ` +
      within(format, baseline, visible(deviation, baseline)),
    `${counted(matrices, 'matrix', 'matrices')}, ${how}`,
    note,
  ]
    .filter(Boolean)
    .join('; ');
}
