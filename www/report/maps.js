// Maps of a matrix as a report codes them: a byte a cell, row by row, in base64.

/** @import { Maps } from './model.js' */

/** @typedef {Pick<Maps, 'rows' | 'columns'>} MapSize */
/** @typedef {Pick<Maps, 'rows' | 'columns' | 'row_group' | 'column_group'>} MapLayout */

/** Steps of the coded magnitude in a factor of two. */
const STEPS = 16;
const TOP = 255;

/**
 * The bytes of a map; null where there are none, or not as many as it has cells.
 * @param {string | null | undefined} text
 * @param {MapSize} size
 */
export function decodeMap(text, { rows, columns }) {
  if (typeof text !== 'string') return null;
  let raw;
  try {
    raw = atob(text);
  } catch {
    return null;
  }
  return raw.length === rows * columns
    ? Uint8Array.from(raw, (letter) => letter.charCodeAt(0))
    : null;
}

/**
 * A share of weights: 0 only where there is none.
 * @param {number} byte
 */
export const decodeShare = (byte) => byte / TOP;

/**
 * A mean |Δ|: 16 steps for each factor of two below `most`; 0 stands for all that is smaller than
 * the last of them.
 * @param {number} byte
 * @param {number} most
 */
export const decodeMagnitude = (byte, most) =>
  byte === 0 ? 0 : most * 2 ** ((byte - TOP) / STEPS);

/** Relative error of a decoded magnitude, except 0: half a step. */
export const MAGNITUDE_ERROR = 2 ** (0.5 / STEPS) - 1;

/**
 * First and last row and column of the matrix behind a cell, from 1.
 * @param {MapLayout} map
 * @param {number} cell
 * @param {number[]} shape
 */
export function cellRange({ row_group: high, column_group: wide, columns }, cell, [m, n]) {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  return {
    rows: [row * high + 1, Math.min(m, (row + 1) * high)],
    columns: [column * wide + 1, Math.min(n, (column + 1) * wide)],
  };
}

/** @param {number[]} ends */
const formatEnds = ([from, to]) => (from === to ? String(from) : `${from}–${to}`);

/**
 * The place of a cell, as a person calls it.
 * @param {MapLayout} map
 * @param {number} cell
 * @param {number[]} shape
 */
export function describeCell(map, cell, shape) {
  const { rows, columns } = cellRange(map, cell, shape);
  return `rows ${formatEnds(rows)}, columns ${formatEnds(columns)}`;
}

/**
 * The number of weights in each cell of a map, by which means over cells are means over weights.
 * @param {MapLayout} map
 * @param {number[]} shape
 */
export function cellWeights(map, shape) {
  return Float64Array.from({ length: map.rows * map.columns }, (_, cell) => {
    const { rows, columns } = cellRange(map, cell, shape);
    return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1);
  });
}

/** @typedef {ArrayLike<number>} Values A number for each cell. */

/**
 * Sums a term of each cell times its weights.
 * @param {Values} weights
 * @param {(cell: number) => number} term
 */
function weightedSum(weights, term) {
  let total = 0;
  for (let cell = 0; cell < weights.length; cell += 1) total += term(cell) * weights[cell];
  return total;
}

/**
 * Mean over weights of the value of each cell; null without weights.
 * @param {Values} values
 * @param {Values} weights
 */
export function weightedMean(values, weights) {
  const all = weightedSum(weights, () => 1);
  return all ? weightedSum(weights, (cell) => values[cell]) / all : null;
}

/**
 * Standard deviation over cells, each as heavy as its weights.
 * @param {Values} values
 * @param {Values} weights
 */
export function weightedDeviation(values, weights) {
  const mean = weightedMean(values, weights) ?? 0;
  const squares = Float64Array.from(values, (value) => (value - mean) ** 2);
  return Math.sqrt(weightedMean(squares, weights) ?? 0);
}

/**
 * The deviation that shares of cells would have if each weight were in with the same probability,
 * whatever the others are.
 * @param {number} share
 * @param {Values} weights
 */
export const deviationByChance = (share, weights) =>
  Math.sqrt((share * (1 - share) * weights.length) / weightedSum(weights, () => 1));

/**
 * Pearson correlation over cells, weighted by what is in them; null where one of the two is the
 * same everywhere.
 * @param {Values} a
 * @param {Values} b
 * @param {Values} weights
 */
export function correlation(a, b, weights) {
  const [meanA, meanB] = [weightedMean(a, weights) ?? 0, weightedMean(b, weights) ?? 0];
  /** @type {(x: Values, meanX: number, y: Values, meanY: number) => number} */
  const product = (x, meanX, y, meanY) =>
    weightedSum(weights, (cell) => (x[cell] - meanX) * (y[cell] - meanY));
  const deviations = Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
  return deviations > 0 ? product(a, meanA, b, meanB) / deviations : null;
}
