// Maps of a matrix as a report codes them: a byte a cell, row by row, in base64. Pure, so that it
// is tested without a page.

/** Steps of the coded magnitude in a factor of two. */
const STEPS = 16;
const TOP = 255;

/** The bytes of a map of rows × columns; null where there are none, or not as many as that. */
export function bytesOf(text, { rows, columns }) {
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

/** A share of weights: 0 only where there is none. */
export const density = (byte) => byte / TOP;

/**
 * A mean |Δ|: 16 steps for each factor of two below `most`; 0 stands for all that is smaller than
 * the last of them.
 */
export const magnitude = (byte, most) => (byte === 0 ? 0 : most * 2 ** ((byte - TOP) / STEPS));

/** Relative error of what `magnitude` gives back, but for 0: half a step. */
export const MAGNITUDE_ERROR = 2 ** (0.5 / STEPS) - 1;

/** First and last row and column of the matrix behind a cell, from 1. */
export function cellRange({ row_group: high, column_group: wide, columns }, cell, [m, n]) {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  return {
    rows: [row * high + 1, Math.min(m, (row + 1) * high)],
    columns: [column * wide + 1, Math.min(n, (column + 1) * wide)],
  };
}

const span = ([from, to]) => (from === to ? String(from) : `${from}–${to}`);

/** A cell as a person calls it. */
export function cellPlace(map, cell, shape) {
  const { rows, columns } = cellRange(map, cell, shape);
  return `rows ${span(rows)}, columns ${span(columns)}`;
}

/** Weights of the cells of a map, by which means over cells are means over weights. */
export function cellWeights(map, shape) {
  return Float64Array.from({ length: map.rows * map.columns }, (_, cell) => {
    const { rows, columns } = cellRange(map, cell, shape);
    return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1);
  });
}

/** Mean over weights of a figure of each cell. */
export function weightedMean(values, weights) {
  let [total, all] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    total += values[i] * weights[i];
    all += weights[i];
  }
  return all ? total / all : null;
}

/** Standard deviation over cells, each as heavy as its weights. */
export function spread(values, weights) {
  const mean = weightedMean(values, weights);
  return Math.sqrt(
    weightedMean(
      values.map((value) => (value - mean) ** 2),
      weights,
    ),
  );
}

/**
 * The spread that shares of cells would have, were each weight in with the same probability,
 * whatever the others are.
 */
export const spreadByChance = (share, weights) =>
  Math.sqrt((share * (1 - share) * weights.length) / weights.reduce((a, b) => a + b, 0));

/**
 * Pearson correlation over cells, weighted by what is in them; null where one of the two is the
 * same everywhere.
 */
export function correlation(a, b, weights) {
  const [meanA, meanB] = [weightedMean(a, weights), weightedMean(b, weights)];
  const product = (x, meanX, y, meanY) =>
    x.reduce((sum, value, i) => sum + weights[i] * (value - meanX) * (y[i] - meanY), 0);
  const spread = Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
  return spread > 0 ? product(a, meanA, b, meanB) / spread : null;
}
