// What a cell of the heatmap stands for: a metric's value, the random update's, and how many times
// that the value is.
import { isCast } from './cast.js';
import { coversAll } from './directions.js';
import { findFigure } from './figures.js';
import { median } from './means.js';

/** @import { Tensor } from './model.js' */
/** @import { Kind } from './colour-scale.js' */
/** @import { Cell } from './grid.js' */
/** @import { Format } from './format.js' */
/** @import { Metric } from './metrics.js' */

/**
 * How many times a tensor's value is its level.
 * @typedef {(tensor: Tensor, known: number | null, level: number | null) => number | null} Ratio
 */

/**
 * How a metric is read in colours.
 * @typedef {object} Measure
 * @property {Metric} metric
 * @property {string} label
 * @property {string} baseline What gives the level that values are read against.
 * @property {string} short The same in a word.
 * @property {Kind} kind
 * @property {Format} format Of values and of random levels.
 * @property {boolean} complement Whether what a share lacks to 1 is read instead of the share.
 * @property {(tensor: Tensor) => number | null} value
 * @property {(tensor: Tensor) => number | null} random
 * @property {Ratio} ratio
 * @property {number} alpha
 */

/**
 * What a cell says. Where it has many tensors, these are medians over those that have a value.
 * @typedef {object} CellReading
 * @property {number | null} shown What the colour stands for: the ratio, or the value.
 * @property {number | null} value
 * @property {number | null} random
 * @property {[number, number] | null} spread From the 10th to the 90th percentile of what is shown.
 * @property {number} count Tensors that have a value.
 */

/**
 * Shares near 1 beside a random update's, which is nearer still: only what they lack to 1 has a
 * ratio that says something.
 * @type {Record<string, string>}
 */
export const COMPLEMENTS = {
  off_principal_share: 'Principal energy',
  off_principal_left: 'Principal energy, left',
  off_principal_right: 'Principal energy, right',
};

/** Metrics of the subspace at k, which say nothing where k covers all directions. */
export const OF_SUBSPACE = new Set([
  ...Object.keys(COMPLEMENTS),
  'rotation_max',
  'rotation_median',
  'sin_theta_left',
  'sin_theta_right',
]);

/** @type {(ordered: Float64Array, part: number) => number} */
const quantile = (ordered, part) => {
  const at = part * (ordered.length - 1);
  const [low, high] = [ordered[Math.floor(at)], ordered[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
};

/**
 * What a metric is called where it is read against a random update.
 * @param {Metric} metric
 */
export const labelOf = ({ id, label }) => COMPLEMENTS[id] ?? label;

/**
 * Whether a metric says nothing of a tensor, since k leaves no directions to choose from.
 * @param {Metric} metric
 * @param {Tensor} tensor
 */
export const saysNothing = ({ id }, tensor) => OF_SUBSPACE.has(id) && coversAll(tensor);

/**
 * How a metric is read, given the tensors that are shown, a list for each run.
 * @param {Metric} metric
 * @param {Tensor[][]} lists
 * @param {number} alpha
 * @returns {Measure}
 */
export function measureOf(metric, lists, alpha) {
  const complement = metric.id in COMPLEMENTS;
  const betweenRuns = findFigure(metric.id).family === 'overlap';
  /** @param {number | null | undefined} level */
  const turn = (level) =>
    level === null || level === undefined ? null : complement ? 1 - level : level;
  /** @param {Tensor} tensor */
  const value = (tensor) => turn(metric.value(tensor, alpha));
  /** @param {Tensor} tensor */
  const random = (tensor) => turn(metric.chance?.(tensor, alpha));
  /** @type {Ratio} */
  const ratio = (tensor, known, level) =>
    known === null ||
    level === null ||
    !(level > 0) ||
    saysNothing(metric, tensor) ||
    isCast(tensor)
      ? null
      : known / level;
  /** @param {(tensor: Tensor) => boolean} holds */
  const someTensor = (holds) =>
    metric.chance !== undefined && lists.some((tensors) => tensors.some(holds));
  const hasRatio = someTensor((tensor) => (random(tensor) ?? 0) > 0);
  const aroundZero = !hasRatio && someTensor((tensor) => random(tensor) === 0);
  return {
    metric,
    label: labelOf(metric),
    baseline: betweenRuns ? 'independent runs' : 'random update of the same size',
    short: betweenRuns ? 'independent' : 'random',
    kind: hasRatio ? 'ratio' : aroundZero ? 'signed' : 'plain',
    format: metric.format,
    complement,
    value,
    random,
    ratio,
    alpha,
  };
}

/**
 * Whether a tensor's value cannot be told from that of a random update.
 * @param {Measure} measure
 * @param {Tensor} tensor
 */
export function isWithinNoise({ metric, value, random, alpha }, tensor) {
  const [known, level] = [value(tensor), random(tensor)];
  if (known === null || level === null) return false;
  const error = metric.uncertainty?.(tensor, alpha) ?? 0;
  const deviation = metric.deviation?.(tensor, alpha) ?? 0;
  return Math.abs(known - level) <= Math.max(error, 2 * deviation);
}

/** What was read of a cell last, and as what. @type {WeakMap<Cell, [string, CellReading]>} */
const lastReadings = new WeakMap();

/**
 * What a cell says; it is kept, since a filter or another run in focus asks for it again. Only the
 * colour's value is found at once: the others are asked for by a cell's words.
 * @param {Cell} cell
 * @param {Measure} measure
 * @returns {CellReading}
 */
export function readCell(cell, { metric, alpha, kind, value, random, ratio }) {
  const key = [metric.id, alpha, kind, cell.tensors.length].join();
  const last = lastReadings.get(cell);
  if (last?.[0] === key) return last[1];
  /** @type {{ shown: number[], values: number[], levels: number[] }} */
  const all = { shown: [], values: [], levels: [] };
  for (const tensor of cell.tensors) {
    const known = value(tensor);
    if (known === null) continue;
    all.values.push(known);
    const level = random(tensor);
    const seen = kind === 'ratio' ? ratio(tensor, known, level) : known;
    if (level !== null) all.levels.push(level);
    if (seen !== null) all.shown.push(seen);
  }
  // Numbers of one kind in a row are sorted many times faster.
  const shown = Float64Array.from(all.shown).sort();
  /** @type {CellReading} */
  const reading = {
    shown: shown.length ? quantile(shown, 0.5) : null,
    get value() {
      return median(all.values);
    },
    get random() {
      return median(all.levels);
    },
    spread: shown.length > 1 ? [quantile(shown, 0.1), quantile(shown, 0.9)] : null,
    count: all.values.length,
  };
  lastReadings.set(cell, [key, reading]);
  return reading;
}

/**
 * What sets the cell of one run apart from that of another: how many times the ratio, or how much
 * more. Null where one of the two has none.
 * @param {CellReading | undefined} one
 * @param {CellReading | undefined} other
 * @param {Kind} kind
 */
export function compareReadings(one, other, kind) {
  const [a, b] = [one?.shown ?? null, other?.shown ?? null];
  if (a === null || b === null) return null;
  if (kind !== 'ratio') return a - b;
  return a === b ? 1 : b > 0 ? a / b : null;
}
