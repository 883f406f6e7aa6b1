// What a cell of the heatmap stands for: a metric's value, the random update's, and how many times
// that the value is.
import { coversAll } from './coverage.js';
import { FIGURES } from './figures.js';
import { times, within } from './format.js';
import { median } from './means.js';
import { formatValue } from './metrics.js';

/** @import { Tensor } from './model.js' */
/** @import { Kind } from './colour-scale.js' */
/** @import { Cell } from './grid.js' */
/** @import { Format } from './format.js' */
/** @import { Metric } from './metrics.js' */

/**
 * How a metric is read in colours.
 * @typedef {object} Measure
 * @property {Metric} metric
 * @property {string} label
 * @property {Kind} kind
 * @property {Format} format Of values and of random levels.
 * @property {boolean} complement Whether what a share lacks to 1 is read instead of the share.
 * @property {(tensor: Tensor) => number | null} value
 * @property {(tensor: Tensor) => number | null} random
 * @property {(tensor: Tensor) => number | null} ratio
 * @property {number} alpha
 */

/**
 * What a cell says. Where it has many tensors, these are medians over those that have a value.
 * @typedef {object} Reading
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
const COMPLEMENTS = {
  off_principal_share: 'Principal energy',
  off_principal_left: 'Principal energy, left',
  off_principal_right: 'Principal energy, right',
};

/** Metrics of the subspace at k, which say nothing where k covers all directions. */
const OF_SUBSPACE = new Set([
  ...Object.keys(COMPLEMENTS),
  'rotation_max',
  'rotation_median',
  'sin_theta_left',
  'sin_theta_right',
]);

/** Families of metrics by their ids. */
const FAMILIES = new Map(FIGURES.map(({ id, family }) => [id, family]));

/** Metrics by iteration of Δ’s own spectrum. */
const OF_UPDATE_SPECTRUM = new Set(['stable_rank', 'share_top_k', 'spectral_norm']);

/** @type {(ordered: number[], part: number) => number} */
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
 * How a metric is read, given the tensors that are shown, a list for each run.
 * @param {Metric} metric
 * @param {Tensor[][]} lists
 * @param {number} alpha
 * @returns {Measure}
 */
export function measureOf(metric, lists, alpha) {
  const complement = metric.id in COMPLEMENTS;
  const ofSubspace = OF_SUBSPACE.has(metric.id);
  /** @param {number | null | undefined} level */
  const turn = (level) =>
    level === null || level === undefined ? null : complement ? 1 - level : level;
  /** @param {Tensor} tensor */
  const value = (tensor) => turn(metric.value(tensor, alpha));
  /** @param {Tensor} tensor */
  const random = (tensor) => turn(metric.chance?.(tensor, alpha));
  /** @param {Tensor} tensor */
  const ratio = (tensor) => {
    const known = value(tensor);
    if (known === null || (ofSubspace && coversAll(tensor))) return null;
    const level = random(tensor);
    return level !== null && level > 0 ? known / level : null;
  };
  /** @param {(tensor: Tensor) => boolean} holds */
  const someTensor = (holds) =>
    metric.chance !== undefined && lists.some((tensors) => tensors.some(holds));
  const hasRatio = someTensor((tensor) => (random(tensor) ?? 0) > 0);
  const aroundZero = !hasRatio && someTensor((tensor) => random(tensor) === 0);
  return {
    metric,
    label: labelOf(metric),
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
 * @param {Cell} cell
 * @param {Measure} measure
 * @returns {Reading}
 */
export function readCell({ tensors }, measure) {
  const { kind, value, random, ratio } = measure;
  const show = kind === 'ratio' ? ratio : value;
  if (tensors.length === 1) {
    const [tensor] = tensors;
    const known = value(tensor);
    return {
      shown: show(tensor),
      value: known,
      random: known === null ? null : random(tensor),
      spread: null,
      count: known === null ? 0 : 1,
    };
  }
  /** @type {{ shown: number[], values: number[], levels: number[] }} */
  const all = { shown: [], values: [], levels: [] };
  for (const tensor of tensors) {
    const known = value(tensor);
    if (known === null) continue;
    all.values.push(known);
    const [level, seen] = [random(tensor), show(tensor)];
    if (level !== null) all.levels.push(level);
    if (seen !== null) all.shown.push(seen);
  }
  const shown = all.shown.sort((a, b) => a - b);
  return {
    shown: shown.length ? quantile(shown, 0.5) : null,
    value: median(all.values),
    random: median(all.levels),
    spread: shown.length > 1 ? [quantile(shown, 0.1), quantile(shown, 0.9)] : null,
    count: all.values.length,
  };
}

/**
 * What sets the cell of one run apart from that of another: how many times the ratio, or how much
 * more. Null where one of the two has none.
 * @param {Reading | undefined} one
 * @param {Reading | undefined} other
 * @param {Kind} kind
 */
export function compareReadings(one, other, kind) {
  const [a, b] = [one?.shown ?? null, other?.shown ?? null];
  if (a === null || b === null) return null;
  if (kind !== 'ratio') return a - b;
  return a === b ? 1 : b > 0 ? a / b : null;
}

/**
 * How many times, in few digits; near 1 with those that tell it from 1.
 * @param {number} ratio
 */
export function shortTimes(ratio) {
  if (ratio > 0 && ratio < 0.001) return '<0.001×';
  if (ratio !== 1 && ratio > 0.895 && ratio < 1.095) return `${ratio.toFixed(2)}×`;
  return `${ratio >= 9.95 ? Math.round(ratio) : Number(ratio.toPrecision(2))}×`;
}

/**
 * Whether a metric of a tensor was computed from all of it, or estimated.
 * @param {Metric} metric
 * @param {Tensor} tensor
 */
export function isEstimated({ id }, { geometry, update }) {
  const family = FAMILIES.get(id);
  if (family === 'geometry' || family === 'masks') return geometry ? !geometry.exact : false;
  return OF_UPDATE_SPECTRUM.has(id) && (update?.spectrum_error ?? 0) > 0;
}

/**
 * Why a tensor has no value, or none that can be read.
 * @param {Tensor} tensor
 */
const describeLack = ({ geometry, geometry_note: note, error }) =>
  note ?? error ?? (geometry && !geometry.resolved ? 'not resolved at this k' : '');

/**
 * The value of one tensor ± its error, and what stands for it where only its ends are known.
 * @param {Measure} measure
 * @param {Tensor} tensor
 */
function writeValue({ metric, complement, value, alpha }, tensor) {
  const known = value(tensor);
  if (!complement) return formatValue(metric, tensor, alpha);
  return within(metric.format, known, metric.uncertainty?.(tensor, alpha));
}

/**
 * @param {Measure} measure
 * @param {Tensor} tensor
 * @returns {string[]}
 */
function describeTensor(measure, tensor) {
  const { metric, format, value, random, ratio, alpha } = measure;
  const [known, level] = [value(tensor), random(tensor)];
  if (known === null) {
    const written = writeValue(measure, tensor);
    const lack = describeLack(tensor);
    return [written === format(null) ? 'no value' : written, ...(lack ? [lack] : [])];
  }
  const deviation = metric.deviation?.(tensor, alpha) ?? null;
  const error = metric.uncertainty?.(tensor, alpha) ?? 0;
  const multiple = ratio(tensor);
  const noise =
    level !== null &&
    (Math.abs(known - level) <= error ||
      (deviation !== null && Math.abs(known - level) <= 2 * deviation));
  return [
    writeValue(measure, tensor),
    level === null ? '' : `random update of the same size: ${within(format, level, deviation)}`,
    multiple === null ? '' : `${times(multiple)} random`,
    noise ? 'within noise of random' : '',
    OF_SUBSPACE.has(metric.id) && coversAll(tensor) ? 'k covers all directions' : '',
    isEstimated(metric, tensor) ? 'estimated' : 'exact',
  ].filter(Boolean);
}

/**
 * What is known of a cell, a phrase each, the value first.
 * @param {Cell} cell
 * @param {Reading} reading
 * @param {Measure} measure
 * @returns {string[]}
 */
export function describeReading({ tensors }, reading, measure) {
  if (tensors.length === 1) return describeTensor(measure, tensors[0]);
  const { shown, value, random, spread, count } = reading;
  if (value === null) return ['no value', `${tensors.length} tensors`];
  const { format, kind, metric } = measure;
  const write = kind === 'ratio' ? times : format;
  const estimated = tensors.filter((tensor) => isEstimated(metric, tensor)).length;
  return [
    `median ${format(value)}`,
    random === null ? '' : `random update of the same size: ${format(random)}`,
    kind === 'ratio' && shown !== null ? `${times(shown)} random` : '',
    spread ? `10th to 90th percentile ${spread.map(write).join(' to ')}` : '',
    count === tensors.length
      ? `${count} tensors`
      : `${count} of ${tensors.length} tensors have a value`,
    estimated === 0 ? 'exact' : estimated === tensors.length ? 'estimated' : 'partly estimated',
  ].filter(Boolean);
}

/**
 * A format without the zeros that end a decimal fraction: 0.5, not 0.500.
 * @param {Format} format
 * @returns {(value: number) => string}
 */
export const shorten = (format) => (value) =>
  format(value)
    .replace(/(\.\d*?)0+(?!\d)/, '$1')
    .replace(/\.(?!\d)/, '');

