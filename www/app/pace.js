// How fast this browser computes, measured in its runs: what a run will take is said by that. A
// browser that keeps nothing is no obstacle.

/** @import { BackendInfo } from '../report/model.js' */

const KEY = 'gatescope-pace';

/** A core takes so many times as long in a browser as natively (docs/performance.md). */
const USUAL = 2.2;

/** Shorter runs say too little. */
const SHORT_SECONDS = 5;

/**
 * What a finished run tells.
 * @typedef {object} Finished
 * @property {number} expected Seconds that one core of the native program was expected to take.
 * @property {number} seconds That it took here.
 * @property {BackendInfo | null} backend
 */

/** @param {number} pace */
const isPace = (pace) => Number.isFinite(pace) && pace > 0.01 && pace < 1000;

/**
 * Remembers how long a run took beside what was expected.
 * @param {Finished} finished
 */
export function rememberPace({ expected, seconds, backend }) {
  if (backend?.kind !== 'cpu' || seconds < SHORT_SECONDS) return;
  const pace = (seconds * backend.workers) / expected;
  if (!isPace(pace)) return;
  try {
    localStorage.setItem(KEY, String(pace));
  } catch {
    // The next run is expected as usual.
  }
}

/** How many times as long as natively a core takes here, and whether that was measured. */
export function recallPace() {
  let pace = NaN;
  try {
    pace = Number(localStorage.getItem(KEY) ?? NaN);
  } catch {
    // Nothing is kept.
  }
  return isPace(pace) ? { pace, measured: true } : { pace: USUAL, measured: false };
}
