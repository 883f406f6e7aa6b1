// How many spectra of a report are exact.

/** @import { Run } from './model.js' */

/**
 * Counts the matrices of some runs, and those of them whose spectrum is exact.
 * @param {Pick<Run, 'tensors'>[]} runs
 */
export function countExact(runs) {
  const matrices = runs.flatMap(({ tensors }) => tensors.flatMap(({ geometry }) => geometry ?? []));
  return { matrices: matrices.length, exact: matrices.filter(({ exact }) => exact).length };
}
