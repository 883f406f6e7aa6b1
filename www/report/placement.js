// Where a run stands among what others published: a place beside each value, no verdict.
import { describePart } from './extent.js';
import { readsAsCast } from './cast.js';
import { describeQuantized } from './cast-words.js';
import { findComparison, ofWholeRuns } from './comparison.js';
import { isAdapter } from './adapter.js';
import { hasBase } from './listed.js';
import { compareOne, measureChange } from './ratios.js';
import { ABOUT, REPORTED, REPORTED_EXCESS as excess, sparsityRange } from './reported.js';

/** @import { Report } from './model.js' */

/** @typedef {'RLVR' | 'SFT'} Kind */
/** @typedef {[low: number, high: number]} Range */
/** @typedef {Kind | 'between' | 'outside'} Place */

/** @type {Kind[]} */
export const KINDS = ['RLVR', 'SFT'];

/**
 * A published quantity; published-words.js has its words.
 * @typedef {object} Published
 * @property {string} metric The metric's id.
 * @property {string} source A key of `SOURCES`.
 * @property {Partial<Record<Kind, Range>>} stated What was published: a number has equal ends.
 * @property {Partial<Record<Kind, Range>>} ranges What counts as within it: as published, or wider
 * by `ABOUT` where only a number was.
 * @property {number} [alpha] The α that they are of.
 * @property {number} [k] The k that they are of.
 * @property {boolean} [whole] It is of all matrices, so that a value of some is none of it.
 */

const { nss, rotation, low_overlap: low, principal_overlap: principal } = REPORTED;

/** @param {number} share @returns {Range} */
const aboutShare = (share) => [share - ABOUT.share, share + ABOUT.share];

const sparsity = { RLVR: sparsityRange('RLVR'), SFT: sparsityRange('SFT') };
/** @type {Record<Kind, Range>} */
const rotations = { RLVR: [0, rotation.RLVR.below], SFT: [rotation.SFT.above, 90] };
/** @type {Partial<Record<Kind, Range>>} */
const principals = { RLVR: [0, principal.RLVR.below] };
/** @type {Record<Kind, Range>} */
const excesses = { RLVR: excess.RLVR, SFT: excess.SFT };

/** The one published quantity without a random baseline. */
const CHANGED = 'sparsity_bf16';

/** @type {Published[]} */
export const PUBLISHED = [
  {
    metric: CHANGED,
    source: REPORTED.sparsity.source,
    stated: sparsity,
    ranges: sparsity,
  },
  {
    metric: 'nss',
    source: nss.source,
    stated: { RLVR: [nss.RLVR.about, nss.RLVR.about], SFT: [nss.SFT.least, Infinity] },
    ranges: {
      RLVR: [nss.RLVR.about / ABOUT.times, nss.RLVR.about * ABOUT.times],
      SFT: [nss.SFT.least / ABOUT.times, Infinity],
    },
    whole: true,
  },
  {
    metric: 'rotation_max',
    source: rotation.source,
    stated: rotations,
    ranges: rotations,
    k: rotation.k,
  },
  {
    metric: 'principal_overlap',
    source: principal.source,
    stated: principals,
    ranges: principals,
    alpha: principal.alpha,
    k: principal.k,
  },
  {
    metric: 'low_overlap',
    source: low.source,
    stated: { RLVR: [low.RLVR, low.RLVR], SFT: [low.SFT, low.SFT] },
    ranges: { RLVR: aboutShare(low.RLVR), SFT: aboutShare(low.SFT) },
    alpha: low.alpha,
  },
  {
    metric: 'spectral_excess',
    source: excess.source,
    stated: excesses,
    ranges: excesses,
    whole: true,
  },
];

/** @param {string} metric */
export const findPublished = (metric) => PUBLISHED.find((one) => one.metric === metric) ?? null;

/**
 * Where a value stands among the ranges. A limit belongs to its range.
 * @param {number} value
 * @param {Partial<Record<Kind, Range>>} ranges
 * @returns {Place}
 */
export function placeAmong(value, ranges) {
  const inside = KINDS.find((kind) => {
    const range = ranges[kind];
    return range && value >= range[0] && value <= range[1];
  });
  if (inside) return inside;
  const all = KINDS.flatMap((kind) => (ranges[kind] ? [ranges[kind]] : []));
  const isBetween = all.some(([, high]) => value > high) && all.some(([start]) => value < start);
  return isBetween ? 'between' : 'outside';
}

/** A place in words. @type {Record<Place, string>} */
export const PLACES = {
  RLVR: 'in the RLVR range',
  SFT: 'in the SFT range',
  between: 'between the two',
  outside: 'outside both',
};

/**
 * Why published ranges say nothing of a run, as a sentence; null where they do. They are of whole
 * runs of whole models that were trained in full.
 * @param {Report} report
 * @param {number} run The run's place.
 */
export function describeNoPlace(report, run) {
  if (!hasBase(report)) return 'Published ranges take the base, which is not there.';
  if (!ofWholeRuns(findComparison(report, run)))
    return 'Published ranges are of whole runs and say nothing of single steps.';
  if (describePart(report, report.runs[run]))
    return 'Published ranges are of whole models and say nothing of a part of one.';
  if (readsAsCast(report, run))
    return 'Published ranges are of training and say nothing of the rounding between two dtypes.';
  const quantized = describeQuantized(report.runs[run]);
  if (quantized) return `${quantized} Published ranges are of training and say nothing of it.`;
  if (isAdapter(report.runs[run]))
    return 'Published ranges are of models trained in full and say nothing of an adapter.';
  return null;
}

/**
 * A run's value of a published quantity.
 * @typedef {object} Signal
 * @property {Published} published
 * @property {number | null} value Null where it has none that compares.
 * @property {Place | null} place
 * @property {string | null} why Why it has no place.
 * @property {boolean} compares Whether it is the published quantity, so that both can share an
 * axis, placed or not.
 */

/**
 * The values of a whole run at the places of the published ones; masks at the published α, whatever
 * α is chosen. A range of one kind alone tells no kinds apart, and what a random update gives, too,
 * tells nothing of training.
 * @param {Report} report
 * @param {number} run The run's place.
 * @returns {Signal[]}
 */
export function placeRun(report, run) {
  const { tensors } = report.runs[run];
  const { unchanged } = measureChange(tensors);
  return PUBLISHED.map((published) => {
    const { metric, ranges, alpha: wanted, k, whole } = published;
    /** @type {(why: string, value?: number | null, compares?: boolean) => Signal} */
    const unplaced = (why, value = null, compares = false) => ({
      published,
      value,
      place: null,
      why,
      compares,
    });
    const alpha = wanted === undefined ? 0 : report.settings.alphas.indexOf(wanted);
    if (alpha < 0) return unplaced(`published at α = ${wanted} only`);
    const reading = metric === CHANGED ? null : compareOne(metric, tensors, alpha);
    const value = reading ? reading.value : unchanged;
    if (value === null) return unplaced(reading?.note ?? 'no value');
    if (k !== undefined && k !== report.settings.k) return unplaced(`published at k = ${k}`, value);
    if (whole && reading && reading.matrices < reading.of)
      return unplaced(`known for ${reading.matrices} of ${reading.of} matrices only`, value);
    // Published excess is over 1, the baseline of matrices of full rank.
    if (metric === 'spectral_excess' && Math.abs((reading?.baseline ?? 1) - 1) > ABOUT.share)
      return unplaced('published for matrices of full rank', value);
    const [only, ...more] = KINDS.filter((kind) => ranges[kind]);
    if (!more.length) return unplaced(`published for ${only} alone`, value, true);
    if (reading?.baseline === null)
      return unplaced('its random baseline is not known', value, true);
    if (reading?.noise) return unplaced('within noise of a random update', value, true);
    return { published, value, place: placeAmong(value, ranges), why: null, compares: true };
  });
}
