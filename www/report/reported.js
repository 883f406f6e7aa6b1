// What others reported for their models, each with its source: context for a value, never a bar to
// pass. docs/reported.json has the numbers, for the page, docs/findings.md and the native summary.
import data from '../../docs/reported.json' with { type: 'json' };
import { extremes } from './means.js';

/** @typedef {[low: number, high: number]} Range */
/** @typedef {[share: number, run: string]} OfRun */
/** @typedef {{ above: number }} Above */
/** @typedef {{ below: number }} Below */

/**
 * @typedef {object} Reported
 * @property {{ source: string, place: string, RLVR: OfRun[], SFT: OfRun[] }} sparsity Share
 * unchanged in bf16, whole models, whole runs.
 * @property {{ source: string, place: string, tolerance: number, RLVR: Range }} sparsity_abs Share
 * within a tolerance of |Δ|: 5 to 30 % of the parameters are updated.
 * @property {{ source: string, SFT: { least: number }, RLVR: { about: number } }} nss Magnitudes.
 * @property {{ source: string, k: number, SFT: Above, RLVR: Below }} rotation Largest principal
 * angle in degrees, one representative layer.
 * @property {{ source: string, alpha: number, SFT: number, RLVR: number }} low_overlap Share of the
 * changed weights inside a mask. PNT names no α for its masks, so that figures at an α are OPDG's.
 * @property {{ source: string, alpha: number, k: number, RLVR: Below }} principal_overlap
 * The same of the principal mask.
 * @property {{ source: string, place: string, modules: Record<string, [number, number]> }} jaccard
 * Mean Jaccard index of the changed weights and its chance level.
 */

/**
 * Spectral excess κ of whole runs, from lowest to highest.
 * @typedef {{ source: string, RLVR: Range, SFT: Range }} Excess
 */

/**
 * What “about” means where a paper gives no range: within this factor of a magnitude, and within
 * this much of a share.
 * @typedef {{ times: number, share: number }} About
 */

// Pairs of a JSON file are lists of any length to the type checker.
const { reported, spectral_excess, about } =
  /** @type {{ reported: Reported, spectral_excess: Excess, about: About }} */ (
    /** @type {unknown} */ (data)
  );

export const REPORTED = reported;
/** The page alone sets it beside values: docs/findings.md states nothing of it. */
export const REPORTED_EXCESS = spectral_excess;
export const ABOUT = about;

/**
 * Lowest and highest reported share of a kind of training.
 * @param {'RLVR' | 'SFT'} kind
 */
export const sparsityRange = (kind) =>
  extremes(REPORTED.sparsity[kind].map(([share]) => Number(share)));
