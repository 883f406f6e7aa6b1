// Values of a run beside those of a random update of the same size: each as a ratio, with what it
// is over and how far noise alone would bring it.
import { isCast } from './cast.js';
import { coversAll } from './directions.js';
import { sum } from './means.js';
import { averageRow, countMask } from './row-values.js';
import { LEADING, ROWS, findRow } from './rows.js';

/** @import { Tensor } from './model.js' */
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
 * Whether a value is within its own error or two deviations of the baseline, or 0 but for rounding.
 * A count of 0 is one.
 * @param {{ value: Maybe, baseline: Maybe, uncertainty: Maybe, deviation: Maybe }} found
 * @param {boolean} isCount
 */
function isNoise({ value, baseline, uncertainty, deviation }, isCount) {
  if (typeof value !== 'number' || typeof baseline !== 'number') return false;
  const reach = Math.max(uncertainty ?? 0, 2 * (deviation ?? 0));
  return Math.abs(value - baseline) <= reach || (!isCount && Math.abs(value) <= (uncertainty ?? 0));
}

/**
 * What the matrices of some tensors are, for a row of them.
 * @typedef {object} Sorted
 * @property {Tensor[]} matrices
 * @property {Tensor[]} covered Those of which k covers all directions.
 * @property {number} casts How many are left out since they are only rounded.
 */

/** @type {((sorted: Sorted, found: import('./row-values.js').Values) => string | null) | null} */
let describe = null;

/**
 * Says what describes gaps; gaps.js does so where it is loaded.
 * @param {NonNullable<typeof describe>} given
 */
export function offerNotes(given) {
  describe = given;
}

/**
 * The matrices among some tensors, and those that k leaves directions to choose from.
 * @param {Tensor[]} tensors
 */
function sortMatrices(tensors) {
  const all = tensors.filter(({ geometry }) => geometry);
  const matrices = all.filter((matrix) => !isCast(matrix));
  const covered = matrices.filter(coversAll);
  return {
    matrices,
    covered,
    casts: all.length - matrices.length,
    open: covered.length ? matrices.filter((matrix) => !coversAll(matrix)) : matrices,
  };
}

/**
 * One row of some matrices.
 * @param {Row} row
 * @param {ReturnType<typeof sortMatrices>} sorted
 * @param {number} alpha The place of α.
 * @returns {Reading}
 */
function readRow({ choosing, ...row }, { matrices, covered, open, casts }, alpha) {
  const { mask } = row;
  const chosen = choosing ? open : matrices;
  const found = mask ? countMask(mask, chosen, alpha) : averageRow(row, chosen, alpha);
  const { value, baseline } = found;
  return {
    metric: row.id,
    ...found,
    ratio: value !== null && baseline ? value / baseline : null,
    noise: isNoise(found, mask !== undefined),
    of: matrices.length,
    // When it is asked for: words come after a first view.
    get note() {
      return describe?.({ matrices, casts, covered: choosing ? covered : [] }, found) ?? null;
    },
  };
}

/**
 * @typedef {object} Kept
 * @property {ReturnType<typeof sortMatrices>} sorted
 * @property {Map<string, Reading>} readings
 */

/** @type {WeakMap<Tensor[], Kept>} */
const kept = new WeakMap();

/**
 * Reads rows of some tensors. They are kept: a view is drawn more often than it changes what it is
 * of, and only masks depend on α.
 * @param {Tensor[]} tensors
 * @param {number} alpha The place of α.
 * @returns {(row: Row) => Reading}
 */
function rowReader(tensors, alpha) {
  const { sorted, readings } = kept.get(tensors) ?? {
    sorted: sortMatrices(tensors),
    readings: new Map(),
  };
  kept.set(tensors, { sorted, readings });
  return (row) => {
    const key = row.mask ? `${row.id} ${alpha}` : row.id;
    const reading = readings.get(key) ?? readRow(row, sorted, alpha);
    readings.set(key, reading);
    return reading;
  };
}

/**
 * One metric of some tensors of a run.
 * @param {string} metric The id of a row.
 * @param {Tensor[]} tensors
 * @param {number} alpha The place of α.
 */
export const compareOne = (metric, tensors, alpha) => rowReader(tensors, alpha)(findRow(metric));

/**
 * All rows of some tensors of a run.
 * @param {Tensor[]} tensors
 * @param {number} alpha The place of α.
 * @returns {Reading[]} In the order of `ROWS`.
 */
export function compareWithRandom(tensors, alpha) {
  const read = rowReader(tensors, alpha);
  return ROWS.map((row) => {
    const reading = read(row);
    if (row.instead === undefined || reading.matrices) return reading;
    const leading = read(LEADING);
    return leading.matrices ? leading : reading;
  });
}

/** @typedef {ReturnType<typeof sumChange>} Change */

/** @param {Tensor[]} tensors */
function sumChange(tensors) {
  const done = tensors.filter(({ precision }) => precision);
  const parameters = sum(done.map((tensor) => tensor.parameters));
  const unchanged = sum(done.map(({ precision }) => precision?.unchanged ?? 0));
  const [update, base] = /** @type {const} */ (['frobenius_update', 'frobenius_base']).map((name) =>
    Math.sqrt(sum(done.map((tensor) => (tensor.update?.[name] ?? 0) ** 2))),
  );
  return {
    tensors: done.length,
    unchanged: parameters ? unchanged / parameters : null,
    relative: base > 0 ? update / base : null,
  };
}

/** @type {WeakMap<Tensor[], Change>} */
const changes = new WeakMap();

/**
 * What has no random baseline: the share of the weights that is unchanged in bf16, and the size of
 * the update. It is kept too.
 * @param {Tensor[]} tensors
 */
export function measureChange(tensors) {
  const change = changes.get(tensors) ?? sumChange(tensors);
  changes.set(tensors, change);
  return change;
}
