// Readings in words: for tips, for cells, and for who hears them.
import { COVERED } from './as-read.js';
import { FIGURES } from './figures.js';
import { times, within } from './format.js';
import { formatValue } from './metric-words.js';
import { isWithinNoise, saysNothing } from './readings.js';

/** @import { Tensor } from './model.js' */
/** @import { Format } from './format.js' */
/** @import { Cell } from './grid.js' */
/** @import { Metric } from './metrics.js' */
/** @import { Measure, CellReading } from './readings.js' */

/** Families of metrics by their ids. */
const FAMILIES = new Map(FIGURES.map(({ id, family }) => [id, family]));

/** Metrics by iteration of Δ’s own spectrum. */
const OF_UPDATE_SPECTRUM = new Set(['stable_rank', 'share_top_k', 'spectral_norm']);

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

/** An error below this part of its value is not seen in the digits that are shown. */
const LEAST_ERROR = 1e-3;

/**
 * The error of a value, where it is seen in the value's digits; null where it is not.
 * @param {number} value
 * @param {number | null | undefined} error
 */
export const visibleError = (value, error) =>
  typeof error === 'number' && error >= LEAST_ERROR * Math.abs(value) ? error : null;

/**
 * The value of one tensor ± its error; where only its ends are known, these.
 * @param {Measure} measure
 * @param {Tensor} tensor
 */
function writeValue({ metric, format, value, alpha }, tensor) {
  const known = value(tensor);
  if (known === null) return formatValue(metric, tensor, alpha);
  return within(format, known, visibleError(known, metric.uncertainty?.(tensor, alpha)));
}

/**
 * @param {Measure} measure
 * @param {Tensor} tensor
 * @returns {string[]}
 */
function describeTensor(measure, tensor) {
  const { metric, format, value, random, ratio, alpha, baseline, short } = measure;
  const [known, level] = [value(tensor), random(tensor)];
  if (known === null) {
    const written = writeValue(measure, tensor);
    const lack = describeLack(tensor);
    return [written === format(null) ? 'no value' : written, ...(lack ? [lack] : [])];
  }
  const deviation = metric.deviation?.(tensor, alpha) ?? null;
  const multiple = ratio(tensor, known, level);
  return [
    writeValue(measure, tensor),
    level === null ? '' : `${baseline}: ${within(format, level, deviation)}`,
    multiple === null ? '' : `${times(multiple)} ${short}`,
    isWithinNoise(measure, tensor) ? `within noise of ${short}` : '',
    saysNothing(metric, tensor) ? COVERED : '',
    isEstimated(metric, tensor) ? 'estimated' : 'exact',
  ].filter(Boolean);
}

/**
 * What is known of a cell, a phrase each, the value first.
 * @param {Cell} cell
 * @param {CellReading} reading
 * @param {Measure} measure
 * @returns {string[]}
 */
export function describeCellReading({ tensors }, reading, measure) {
  if (tensors.length === 1) return describeTensor(measure, tensors[0]);
  const { shown, value, random, spread, count } = reading;
  if (value === null) return ['no value', `${tensors.length} tensors`];
  const { format, kind, metric, baseline, short } = measure;
  const write = kind === 'ratio' ? times : format;
  const estimated = tensors.filter((tensor) => isEstimated(metric, tensor)).length;
  return [
    `median ${format(value)}`,
    random === null ? '' : `${baseline}: ${format(random)}`,
    kind === 'ratio' && shown !== null ? `${times(shown)} ${short}` : '',
    spread ? `10th to 90th percentile ${spread.map(write).join(' to ')}` : '',
    count === tensors.length
      ? `${count} tensors`
      : `${count} of ${tensors.length} tensors have a value`,
    estimated === 0 ? 'exact' : estimated === tensors.length ? 'estimated' : 'partly estimated',
  ].filter(Boolean);
}
