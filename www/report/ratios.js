// Values of a run beside those of a random update of the same size: each as a ratio, with what it
// is over and how far noise alone would bring it.
import { coversAll, fittingK } from './coverage.js';
import { count } from './format.js';
import { mean, median, sum } from './means.js';
import { findMetric } from './metrics.js';
import { LEADING, ROWS } from './rows.js';

/** @import { MaskOverlap, Tensor } from './model.js' */
/** @import { Maybe } from './format.js' */
/** @import { Row } from './rows.js' */

/**
 * A value of some matrices beside a random update of the same size.
 * @typedef {object} Reading
 * @property {string} metric The metric's id.
 * @property {number | null} value
 * @property {number | null} baseline The same statistic, over the same matrices.
 * @property {number | null} ratio Null where either is undefined, or the baseline is 0.
 * @property {number | null} uncertainty How far the value may be from the truth.
 * @property {number | null} deviation Standard deviation of the baseline.
 * @property {boolean} noise Whether the value cannot be told from the baseline, or from 0.
 * @property {number} matrices How many it is over.
 * @property {number} of How many there are.
 * @property {number} exact How many of them were computed exactly.
 * @property {string | null} note What was left out and why, or why there is no ratio.
 */

/**
 * One matrix in a row.
 * @typedef {object} Entry
 * @property {number} value
 * @property {number} baseline
 * @property {Maybe} uncertainty
 * @property {Maybe} deviation
 */

/**
 * Reads a row of one matrix; null where the value or its baseline is undefined.
 * @param {Row} row
 * @param {number} alpha
 * @returns {(tensor: Tensor) => Entry | null}
 */
function readerOf({ id, complement, deviation }, alpha) {
  const metric = findMetric(id);
  return (tensor) => {
    const [value, baseline] = [metric.value(tensor, alpha), metric.chance?.(tensor, alpha)];
    if (typeof value !== 'number' || typeof baseline !== 'number') return null;
    const level = complement ? 1 - baseline : baseline;
    return {
      value: complement ? 1 - value : value,
      baseline: level,
      uncertainty: metric.uncertainty?.(tensor, alpha),
      deviation: deviation?.(tensor, level) ?? metric.deviation?.(tensor, alpha),
    };
  };
}

/** A mean of independent values. @param {Maybe[]} deviations */
const deviationOfMean = (deviations) =>
  deviations.every((one) => typeof one === 'number')
    ? Math.sqrt(sum(deviations.map((one) => Number(one) ** 2))) / deviations.length
    : null;

/**
 * @param {Row} row
 * @param {Entry[]} entries
 */
function summarize({ statistic = 'mean' }, entries) {
  const over = statistic === 'mean' ? mean : median;
  return {
    value: over(entries.map(({ value }) => value)),
    baseline: over(entries.map(({ baseline }) => baseline)),
    // At worst, all are wrong in one direction.
    uncertainty: mean(entries.map(({ uncertainty }) => uncertainty)),
    deviation:
      statistic === 'mean' && entries.length
        ? deviationOfMean(entries.map(({ deviation }) => deviation))
        : null,
  };
}

const UNDEFINED = { value: null, baseline: null, uncertainty: null, deviation: null };

/**
 * Overlap of the changed weights with a mask from summed counts, beside the size of the mask. Its
 * deviation is that of as many weights drawn at random from each matrix.
 * @param {{ mask: MaskOverlap, changed: number, parameters: number }[]} entries
 */
function summarizeMask(entries) {
  const changed = sum(entries.map((entry) => entry.changed));
  const parameters = sum(entries.map((entry) => entry.parameters));
  if (!changed || !parameters) return UNDEFINED;
  const variance = sum(
    entries.map(({ mask: { size }, changed: m, parameters: n }) =>
      n > 1 ? (m * (size / n) * (1 - size / n) * (n - m)) / (n - 1) : 0,
    ),
  );
  return {
    value: sum(entries.map(({ mask }) => mask.both)) / changed,
    baseline: sum(entries.map(({ mask }) => mask.size)) / parameters,
    uncertainty: null,
    deviation: Math.sqrt(variance) / changed,
  };
}

/**
 * Whether a value is within its own error or two deviations of the baseline, or 0 but for rounding.
 * A count of 0 is one.
 * @param {{ value: Maybe, baseline: Maybe, uncertainty: Maybe, deviation: Maybe }} found
 * @param {boolean} counted
 */
function isNoise({ value, baseline, uncertainty, deviation }, counted) {
  if (typeof value !== 'number' || typeof baseline !== 'number') return false;
  const reach = Math.max(uncertainty ?? 0, 2 * (deviation ?? 0));
  return Math.abs(value - baseline) <= reach || (!counted && Math.abs(value) <= (uncertainty ?? 0));
}

/**
 * @param {Tensor[]} all The matrices.
 * @param {Tensor[]} covered Those of which k covers all directions.
 */
function describeCovered(all, covered) {
  const k = fittingK(covered);
  return (
    `k covers all directions of ${covered.length < all.length ? `${count(covered.length)} of ` : ''}` +
    `${count(all.length)} ${all.length === 1 ? 'matrix' : 'matrices'}, which say nothing here` +
    (k === null ? '' : `: k ≤ ${k} would do`)
  );
}

/**
 * Why there is no ratio, or what it leaves out.
 * @param {Tensor[]} matrices
 * @param {Tensor[]} covered
 * @param {{ value: Maybe, baseline: Maybe }} of
 * @param {number} used
 */
function describeGaps(matrices, covered, { value, baseline }, used) {
  if (!matrices.length) return 'no matrix';
  const gap = covered.length ? describeCovered(matrices, covered) : null;
  if (covered.length === matrices.length) return gap;
  if (value === null || baseline === null)
    return [gap, 'no matrix has both the value and its random baseline'].filter(Boolean).join('; ');
  if (baseline === 0) return 'a random update would give 0';
  const rest = matrices.length - covered.length - used;
  return [gap, rest > 0 && `${count(rest)} without a value`].filter(Boolean).join('; ') || null;
}

/**
 * @param {'principal' | 'low'} mask
 * @param {Tensor[]} matrices
 * @param {number} alpha
 */
function readMask(mask, matrices, alpha) {
  const used = matrices.filter(({ masks }) => masks?.[alpha]);
  const found = summarizeMask(
    used.map(({ masks, parameters }) => ({
      mask: masks[alpha][mask],
      changed: masks[alpha].changed,
      parameters,
    })),
  );
  return { used, found };
}

/**
 * @param {Row} row
 * @param {Tensor[]} matrices
 * @param {number} alpha
 */
function readMatrices(row, matrices, alpha) {
  const read = readerOf(row, alpha);
  const entries = matrices.flatMap((tensor) => {
    const entry = read(tensor);
    return entry ? [{ tensor, entry }] : [];
  });
  const found = summarize(
    row,
    entries.map(({ entry }) => entry),
  );
  return { used: entries.map(({ tensor }) => tensor), found };
}

/**
 * One row of some tensors; vectors do not count.
 * @param {Row} row
 * @param {Tensor[]} tensors
 * @param {number} alpha The place of α.
 * @returns {Reading}
 */
function readRow(row, tensors, alpha) {
  const { mask } = row;
  const matrices = tensors.filter(({ geometry }) => geometry);
  const covered = row.choosing ? matrices.filter(coversAll) : [];
  const chosen = row.choosing ? matrices.filter((matrix) => !coversAll(matrix)) : matrices;
  const { used, found } = mask ? readMask(mask, chosen, alpha) : readMatrices(row, chosen, alpha);
  const { value, baseline } = found;
  return {
    metric: row.id,
    ...found,
    ratio: value !== null && baseline ? value / baseline : null,
    noise: isNoise(found, mask !== undefined),
    matrices: used.length,
    of: matrices.length,
    // Counts of the smallest weights do not depend on how spectra are computed.
    exact: used.filter(({ geometry }) => mask === 'low' || geometry?.exact).length,
    note: describeGaps(matrices, covered, found, used.length),
  };
}

/** @type {WeakMap<Tensor[], Map<number, Reading[]>>} */
const known = new WeakMap();

/**
 * All rows of some tensors of a run; kept, since a view is drawn more often than it changes what it
 * is of.
 * @param {Tensor[]} tensors
 * @param {number} alpha The place of α.
 * @returns {Reading[]} In the order of `ROWS`.
 */
export function compareWithRandom(tensors, alpha) {
  const byAlpha = known.get(tensors) ?? new Map();
  known.set(tensors, byAlpha);
  const readings =
    byAlpha.get(alpha) ??
    ROWS.map((row) => {
      const reading = readRow(row, tensors, alpha);
      if (row.instead === undefined || reading.matrices) return reading;
      const leading = readRow(LEADING, tensors, alpha);
      return leading.matrices ? leading : reading;
    });
  byAlpha.set(alpha, readings);
  return readings;
}

/**
 * What has no random baseline: the share of the weights that is unchanged in bf16, and the size of
 * the update.
 * @param {Tensor[]} tensors
 */
export function measureChange(tensors) {
  const counted = tensors.filter(({ precision }) => precision);
  const parameters = sum(counted.map((tensor) => tensor.parameters));
  const unchanged = sum(counted.map(({ precision }) => precision?.unchanged ?? 0));
  const [update, base] = /** @type {const} */ (['frobenius_update', 'frobenius_base']).map((name) =>
    Math.sqrt(sum(counted.map((tensor) => (tensor.update?.[name] ?? 0) ** 2))),
  );
  return {
    tensors: counted.length,
    unchanged: parameters ? unchanged / parameters : null,
    relative: base > 0 ? update / base : null,
  };
}
