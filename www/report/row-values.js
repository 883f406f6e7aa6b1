// One row of the comparison with random updates: its value over matrices, and its baseline over the
// same ones. Loops, since a report may have tens of thousands of matrices.
import { mean, median } from './means.js';
import { findMetric } from './metrics.js';
import { LEADING, ROWS } from './rows.js';

/** @import { Tensor } from './model.js' */
/** @import { Maybe } from './format.js' */
/** @import { Row } from './rows.js' */

/**
 * @typedef {object} Values
 * @property {number | null} value
 * @property {number | null} baseline
 * @property {number | null} uncertainty How far the value may be from the truth.
 * @property {number | null} deviation Standard deviation of the baseline.
 * @property {number} matrices How many it is over.
 * @property {number} exact How many of them were computed exactly.
 */

/** Where a tensor keeps what was read of it for rows. */
const READ = Symbol('what was read of it');

/** Value, level, uncertainty and deviation of each row, in a row. */
const COLUMNS = 4;

/** @type {string[]} */
const PLACES = [...ROWS, LEADING].map(({ id }) => id);

/** @param {Maybe} value */
const orNaN = (value) => value ?? NaN;

/**
 * What rows take of a tensor, NaN where undefined. It is kept with the tensor: along a path of
 * names a value is found slowly, and a new filter asks for those of tens of thousands of matrices.
 * @param {Row} row
 * @param {ReturnType<typeof findMetric>} metric
 * @param {Tensor & { [READ]?: number[] }} tensor
 * @param {number} at The row's place.
 * @param {number} alpha The place of α, on which none of these values depends.
 */
function readSamples({ complement, deviation }, metric, tensor, at, alpha) {
  const read = (tensor[READ] ??= new Array(PLACES.length * COLUMNS).fill(Infinity));
  // No value of a report is infinite.
  if (read[at] !== Infinity) return read;
  const value = orNaN(metric.value(tensor, alpha));
  const level = orNaN(metric.chance?.(tensor, alpha));
  const baseline = complement ? 1 - level : level;
  read[at] = complement ? 1 - value : value;
  read[at + 1] = baseline;
  read[at + 2] = orNaN(metric.uncertainty?.(tensor, alpha));
  read[at + 3] = orNaN(deviation?.(tensor, baseline) ?? metric.deviation?.(tensor, alpha));
  return read;
}

/**
 * Means, or medians, over the matrices that have both the value and its baseline; where none has a
 * baseline, as in reports from before them, of the value alone.
 * @param {Row} row
 * @param {Tensor[]} matrices
 * @param {number} alpha The place of α.
 * @returns {Values}
 */
export function averageRow(row, matrices, alpha) {
  const { id, statistic } = row;
  const metric = findMetric(id);
  const at = PLACES.indexOf(id) * COLUMNS;
  /** Values that have no baseline. @type {number[]} */
  const alone = [];
  /** @type {{ [column in 'values' | 'baselines']: number[] }} */
  const { values, baselines } = { values: [], baselines: [] };
  // The standard deviation of a mean of independent values is not known where that of one is not.
  const sums = { uncertainty: 0, squares: 0 };
  let [exact, uncertain] = [0, 0];
  for (const tensor of matrices) {
    const read = readSamples(row, metric, tensor, at, alpha);
    const value = read[at];
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(read[at + 1])) {
      alone.push(value);
      continue;
    }
    values.push(value);
    baselines.push(read[at + 1]);
    if (!Number.isNaN(read[at + 2])) {
      sums.uncertainty += read[at + 2];
      uncertain += 1;
    }
    sums.squares += read[at + 3] ** 2;
    if (tensor.geometry?.exact) exact += 1;
  }
  const over = statistic === 'median' ? median : mean;
  if (!values.length)
    return {
      value: over(alone),
      baseline: null,
      uncertainty: null,
      deviation: null,
      matrices: alone.length,
      exact: 0,
    };
  const deviation = Math.sqrt(sums.squares) / values.length;
  return {
    value: over(values),
    baseline: over(baselines),
    // At worst, all are wrong in one direction.
    uncertainty: uncertain ? sums.uncertainty / uncertain : null,
    deviation: statistic === 'median' || Number.isNaN(deviation) ? null : deviation,
    matrices: values.length,
    exact,
  };
}

/**
 * Overlap of the changed weights with a mask from summed counts, beside the size of the mask. Its
 * deviation is that of as many weights drawn at random from each matrix.
 * @param {'principal' | 'low'} name
 * @param {Tensor[]} matrices
 * @param {number} alpha The place of α.
 * @returns {Values}
 */
export function countMask(name, matrices, alpha) {
  const all = { changed: 0, parameters: 0, size: 0, both: 0, variance: 0, matrices: 0, exact: 0 };
  for (const { masks, parameters: n, geometry } of matrices) {
    const entry = masks?.[alpha];
    if (!entry) continue;
    const { size, both } = entry[name];
    const share = size / n;
    all.changed += entry.changed;
    all.parameters += n;
    all.size += size;
    all.both += both;
    if (n > 1)
      all.variance += (entry.changed * share * (1 - share) * (n - entry.changed)) / (n - 1);
    all.matrices += 1;
    // Counts of the smallest weights do not depend on how spectra are computed.
    if (name === 'low' || geometry?.exact) all.exact += 1;
  }
  const { changed, parameters, matrices: used, exact } = all;
  return {
    value: changed ? all.both / changed : null,
    baseline: parameters ? all.size / parameters : null,
    uncertainty: null,
    deviation: changed ? Math.sqrt(all.variance) / changed : null,
    matrices: used,
    exact,
  };
}
