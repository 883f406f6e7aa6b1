// What the page can show of a tensor: how it is called, found, written, and read against. All of it
// comes from the table of figures.
import { DERIVED_DEVIATIONS, DERIVED_LEVELS, DERIVED_VALUES } from './derived.js';
import { FIGURES, HEADINGS } from './figures.js';
import { count, degrees, formatRange, number, percent, signed, times, within } from './format.js';
import { defined, extremes } from './means.js';
import { ofWholeRuns } from './comparison.js';

/** @import { Comparison, Report, Tensor } from './model.js' */
/** @import { Figure, FigureChance } from './figure-table.d.ts' */
/** @import { Format } from './format.js' */

/** @import { Read } from './derived.js' */
/** @typedef {(tensor: Tensor, alpha: number) => number | null} Known Null where undefined. */
/** @typedef {(tensor: Tensor, alpha: number) => [number, number] | null | undefined} ReadEnds */

/**
 * A figure as the page uses it.
 * @typedef {object} Metric
 * @property {string} id
 * @property {string} group The heading that it stands under.
 * @property {string} label
 * @property {Format} format
 * @property {'linear' | 'log'} scale
 * @property {Known} value
 * @property {Known} [uncertainty] How far the value may be from the truth.
 * @property {ReadEnds} [interval] Encloses the truth.
 * @property {Known} [chance] The chance level.
 * @property {Known} [deviation] Standard deviation of the chance level.
 * @property {boolean} chanceInCell Whether a cell of the heatmap shows the chance level too.
 * @property {Figure['page']} page Where the page shows it.
 * @property {string | null} reference What it is read against besides chance.
 * @property {string | null} reported What was reported elsewhere, of whole runs.
 * @property {string} about
 */

/** How the values of a unit are written. @type {Record<Figure['unit'], Format>} */
const FORMATS = {
  share: percent,
  degrees,
  count,
  ratio: number,
  norm: number,
  times,
  difference: signed,
  plain: number,
};

/**
 * Makes a function that finds what stands at the end of a way through a report; undefined where a
 * part of the way is missing. Without a loop: a click asks for it of tens of thousands of tensors.
 * @param {string} path
 * @returns {(start: any) => any}
 */
function follower(path) {
  const [first, second, third, ...rest] = path.split('.');
  if (rest.length) throw new Error(`${path} is a longer way than any in docs/figures.json`);
  if (third) return (start) => start?.[first]?.[second]?.[third];
  if (second) return (start) => start?.[first]?.[second];
  return (start) => start?.[first];
}

/**
 * Reads what stands at a path of the table: of a tensor, of its entry in `masks` for one α, or of
 * its entry in `overlaps`, which opening a report links to the tensor.
 * @param {string} path
 * @returns {(tensor: Tensor, alpha: number) => any}
 */
function readerOf(path) {
  const [list, inner] = path.split('[].');
  const follow = follower(inner ?? path);
  if (inner === undefined) return follow;
  return list === 'masks'
    ? (tensor, alpha) => follow(tensor.masks?.[alpha])
    : (tensor) => follow(tensor.overlap);
}

/**
 * @param {string | null} path
 * @returns {Known | undefined}
 */
function knownAt(path) {
  if (path === null) return undefined;
  const read = readerOf(path);
  return (tensor, alpha) => read(tensor, alpha) ?? null;
}

/**
 * @param {Record<string, Read>} all
 * @param {string} name
 * @returns {Known | undefined}
 */
function derivedOf(all, name) {
  const read = all[name];
  return read && ((tensor, alpha) => read(tensor, alpha) ?? null);
}

/**
 * Fails for a row that nothing can read, so that a figure cannot be forgotten in silence.
 * @param {Known | undefined} read
 * @param {string} name
 */
function required(read, name) {
  if (!read) throw new Error(`${name} is in no report, and www/report/derived.js lacks it`);
  return read;
}

/**
 * @param {Figure} figure
 * @returns {Known}
 */
function valueOf(figure) {
  const named = required(knownAt(figure.path) ?? derivedOf(DERIVED_VALUES, figure.id), figure.id);
  const without = knownAt(figure.path_without_base);
  /** @type {Known} */
  const value = without ? (tensor, alpha) => named(tensor, alpha) ?? without(tensor, alpha) : named;
  return figure.resolved_only
    ? (tensor, alpha) => (tensor.geometry?.resolved ? value(tensor, alpha) : null)
    : value;
}

/**
 * A level that is a list [low, high] is one where both ends agree; else the level is not known.
 * @param {FigureChance} chance
 * @returns {Known}
 */
function levelOf({ name, path, constant, ends }) {
  if (constant !== null) return () => constant;
  const level = required(knownAt(path) ?? derivedOf(DERIVED_LEVELS, name), name);
  if (!ends) return level;
  return (tensor, alpha) => {
    const range = /** @type {unknown} */ (level(tensor, alpha));
    const [low, high] = /** @type {[number, number]} */ (range ?? []);
    return low === high ? (low ?? null) : null;
  };
}

/**
 * @param {Figure} figure
 * @returns {Metric}
 */
function metricOf(figure) {
  const { chance } = figure;
  return {
    id: figure.id,
    group: HEADINGS.get(figure.group) ?? figure.group,
    label: figure.label,
    format: FORMATS[figure.unit],
    scale: figure.scale === 'log' ? 'log' : 'linear',
    page: figure.page,
    value: valueOf(figure),
    uncertainty: knownAt(figure.uncertainty),
    interval: figure.interval === null ? undefined : readerOf(figure.interval),
    chance: chance ? levelOf(chance) : undefined,
    deviation: chance
      ? (knownAt(chance.deviation) ?? derivedOf(DERIVED_DEVIATIONS, chance.name))
      : undefined,
    // A level that every pair of runs has of its own is not seen in the colours.
    chanceInCell: figure.family === 'overlap' && typeof chance?.path === 'string',
    reference: figure.read_against,
    reported: figure.reported?.text ?? null,
    about: figure.about,
  };
}

/** All metrics, in the order of their groups. */
export const METRICS = [...HEADINGS.keys()].flatMap((group) =>
  FIGURES.filter((figure) => figure.group === group && figure.page !== 'nowhere').map(metricOf),
);

/** Headings of the groups, in order. */
export const GROUPS = [...HEADINGS.values()];

/** @type {WeakMap<Report, Metric[]>} */
const available = new WeakMap();

/**
 * Adds to `found` the ids of the metrics that some of the tensors has a value of.
 * @param {Pick<Tensor, 'masks' | 'overlap'>[]} tensors
 * @param {Set<string>} found
 */
export function findMetrics(tensors, found) {
  const open = METRICS.filter(({ id }) => !found.has(id));
  for (const { id, value } of open)
    if (
      tensors.some((tensor) =>
        // A tensor has an entry in `masks` for each α, or none.
        (tensor.masks?.length ? tensor.masks : [null]).some(
          (_, alpha) => value(/** @type {Tensor} */ (tensor), alpha) !== null,
        ),
      )
    )
      found.add(id);
  return found;
}

/**
 * Says which metrics a report has, where that is known from reading it.
 * @param {Report} report
 * @param {Set<string>} ids
 */
export function noteMetrics(report, ids) {
  const found = METRICS.filter(({ id }) => ids.has(id));
  available.set(report, found);
  return found;
}

/**
 * The metrics that some tensor of a report has a value of.
 * @param {Report} report
 */
export function availableMetrics(report) {
  const known = available.get(report);
  if (known) return known;
  /** @type {Set<string>} */
  const found = new Set();
  for (const { tensors } of report.runs) findMetrics(tensors, found);
  return noteMetrics(report, found);
}

/** @param {string} id */
export const findMetric = (id) => METRICS.find((metric) => metric.id === id) ?? METRICS[0];

/**
 * A value, ± its uncertainty where that is known; where there is only an interval that encloses it,
 * its two ends.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export function formatValue({ format, value, uncertainty, interval }, tensor, alpha) {
  const known = value(tensor, alpha);
  const ends = known === null ? interval?.(tensor, alpha) : null;
  return ends ? formatRange(ends, format) : within(format, known, uncertainty?.(tensor, alpha));
}

/**
 * A chance level, ± its standard deviation where it has one; null where the metric or the tensor
 * has none.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export function formatChance(metric, tensor, alpha) {
  const level = metric.chance?.(tensor, alpha) ?? null;
  return level === null ? null : within(metric.format, level, metric.deviation?.(tensor, alpha));
}

/**
 * Lowest and highest chance level of the tensors that have a value; null where there is none.
 * @param {Metric} metric
 * @param {Tensor[]} tensors
 * @param {number} alpha
 */
export function chanceRange({ value, chance }, tensors, alpha) {
  if (!chance) return null;
  const levels = defined(
    tensors
      .filter((tensor) => value(tensor, alpha) !== null)
      .map((tensor) => chance(tensor, alpha)),
  );
  return levels.length ? extremes(levels) : null;
}

/**
 * What a metric is read against beside chance. What was reported of whole runs is not a reference
 * where the checkpoints are not whole runs.
 * @param {Pick<Metric, 'reference' | 'reported'>} metric
 * @param {Comparison | null} [comparison]
 */
export const describeReferences = ({ reference, reported }, comparison) =>
  [
    reference,
    reported &&
      (ofWholeRuns(comparison)
        ? reported
        : 'published ranges are of whole runs, which is another quantity'),
  ]
    .filter(Boolean)
    .join('; ');
