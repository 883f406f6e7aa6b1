// Where a run stands among what others published: a place beside each value, no verdict.
import { describePart } from './extent.js';
import { findComparison, ofWholeRuns } from './comparison.js';
import { isAdapter } from './adapter.js';
import { hasBase } from './listed.js';
import { degrees, number, percent } from './format.js';
import { compareOne, measureChange } from './ratios.js';
import { ABOUT, REPORTED, REPORTED_EXCESS, reportedText, sparsityRange } from './reported.js';

/** @import { Report } from './model.js' */
/** @import { Format } from './format.js' */

/** @typedef {'RLVR' | 'SFT'} Kind */
/** @typedef {[low: number, high: number]} Range */
/** @typedef {Kind | 'between' | 'outside'} Place */

/** @type {Kind[]} */
export const KINDS = ['RLVR', 'SFT'];

/**
 * A published quantity.
 * @typedef {object} Published
 * @property {string} metric The metric's id.
 * @property {string} label
 * @property {string} source A key of `SOURCES`.
 * @property {string} text The ranges in words.
 * @property {string} condition What they are of.
 * @property {Partial<Record<Kind, Range>>} ranges
 * @property {'linear' | 'log'} scale Of an axis that shows it.
 * @property {Range} domain What such an axis covers at least.
 * @property {number} [alpha] The α that they are of.
 * @property {boolean} [whole] It is of all matrices, so that a value of some is none of it.
 * @property {Format} format
 */

const { nss, rotation, low_overlap: low, principal_overlap: principal } = REPORTED;

/** @param {number} share @returns {Range} */
const aboutShare = (share) => [share - ABOUT.share, share + ABOUT.share];

/** The one published quantity without a random baseline. */
const CHANGED = 'sparsity_bf16';

/** @type {Published[]} */
export const PUBLISHED = [
  {
    metric: CHANGED,
    label: 'Unchanged in bf16',
    source: REPORTED.sparsity.source,
    text: reportedText.sparsity,
    condition: 'lowest to highest of whole models',
    ranges: { RLVR: sparsityRange('RLVR'), SFT: sparsityRange('SFT') },
    scale: 'linear',
    domain: [0, 1],
    format: percent,
  },
  {
    metric: 'nss',
    label: 'Spectrum (NSS)',
    source: nss.source,
    text: reportedText.nss,
    condition: `magnitudes; “about” is within a factor of ${ABOUT.times}`,
    ranges: {
      RLVR: [nss.RLVR.about / ABOUT.times, nss.RLVR.about * ABOUT.times],
      SFT: [nss.SFT.least / ABOUT.times, Infinity],
    },
    scale: 'log',
    domain: [1e-6, 1e-1],
    whole: true,
    format: number,
  },
  {
    metric: 'rotation_max',
    label: 'Largest rotation',
    source: rotation.source,
    text: reportedText.rotation,
    condition: 'one representative layer at k = 64; here the mean over matrices',
    ranges: { RLVR: [0, rotation.RLVR.below], SFT: [rotation.SFT.above, 90] },
    scale: 'log',
    domain: [0.01, 90],
    format: degrees,
  },
  {
    metric: 'principal_overlap',
    label: 'Principal mask',
    source: principal.source,
    text: reportedText.principal_overlap,
    condition: 'share of the changed weights, k = 64',
    ranges: { RLVR: [0, principal.RLVR.below] },
    scale: 'linear',
    domain: [0, 1],
    alpha: principal.alpha,
    format: percent,
  },
  {
    metric: 'low_overlap',
    label: 'Low-magnitude mask',
    source: low.source,
    text: reportedText.low_overlap,
    condition: `share of the changed weights; within ${ABOUT.share * 100} points`,
    ranges: { RLVR: aboutShare(low.RLVR), SFT: aboutShare(low.SFT) },
    scale: 'linear',
    domain: [0, 1],
    alpha: low.alpha,
    format: percent,
  },
  {
    metric: 'spectral_excess',
    label: 'Spectral excess κ',
    source: REPORTED_EXCESS.source,
    text: reportedText.spectral_excess,
    condition: 'lowest to highest',
    ranges: {
      RLVR: /** @type {Range} */ (REPORTED_EXCESS.RLVR),
      SFT: /** @type {Range} */ (REPORTED_EXCESS.SFT),
    },
    scale: 'log',
    domain: [0.5, 2000],
    whole: true,
    format: number,
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
  outside: 'outside',
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
 */

/**
 * The values of a whole run at the places of the published ones; masks at the published α, whatever
 * α is chosen.
 * @param {Report} report
 * @param {number} run The run's place.
 * @returns {Signal[]}
 */
export function placeRun(report, run) {
  const { tensors } = report.runs[run];
  const { unchanged } = measureChange(tensors);
  return PUBLISHED.map((published) => {
    const { metric, ranges, alpha: wanted, whole } = published;
    /** @type {(why: string, value?: number | null) => Signal} */
    const unplaced = (why, value = null) => ({ published, value, place: null, why });
    const alpha = wanted === undefined ? 0 : report.settings.alphas.indexOf(wanted);
    if (alpha < 0) return unplaced(`published at α = ${wanted} only`);
    const reading = metric === CHANGED ? null : compareOne(metric, tensors, alpha);
    const value = reading ? reading.value : unchanged;
    if (value === null) return unplaced(reading?.note ?? 'no value');
    if (whole && reading && reading.matrices < reading.of)
      return unplaced(`known for ${reading.matrices} of ${reading.of} matrices only`, value);
    // Published excess is over 1, the baseline of matrices of full rank.
    if (metric === 'spectral_excess' && Math.abs((reading?.baseline ?? 1) - 1) > ABOUT.share)
      return unplaced('published for matrices of full rank', value);
    return { published, value, place: placeAmong(value, ranges), why: null };
  });
}
