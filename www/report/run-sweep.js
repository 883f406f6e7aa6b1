// A whole run at the ranks 1, 2, 4, … and k, from its rollup.

/** @import { RollupSweep } from './report.js' */
/** @import { Run } from './model.js' */

/**
 * Ranks that fewer than half of the matrices have are those of small matrices alone.
 * @param {RollupSweep[]} sweep
 */
function commonRanks(sweep) {
  const most = Math.max(0, ...sweep.map(({ matrices }) => matrices));
  return sweep.filter(({ matrices }) => 2 * matrices >= most);
}

/**
 * The rollup in the shape of a matrix's own `sweep`: means over the matrices that have a rank, with
 * `matrices`, `resolved` (whether any is) and `principal`. Empty for reports from before rollups
 * had them.
 * @param {{ model: Pick<Run['model'], 'sweep'> }} run
 * @param {number} alpha The place of α.
 */
export const sweepOfRun = ({ model: { sweep = [] } }, alpha) =>
  commonRanks(sweep).map(({ k, matrices, spectral, principal }) => {
    /** @param {string} name */
    const mean = (name) => spectral[name]?.mean ?? null;
    return {
      k,
      matrices,
      off_principal_share: mean('off_principal_share'),
      off_principal_left: mean('off_principal_left'),
      off_principal_right: mean('off_principal_right'),
      nss_top_k: mean('nss_top_k'),
      rotation_max: mean('rotation_max'),
      rotation_median: mean('rotation_median'),
      resolved: spectral.rotation_max !== undefined,
      chance: {
        both: mean('off_principal_chance'),
        left: mean('off_principal_left_chance'),
        right: mean('off_principal_right_chance'),
        nss_top_k: mean('nss_top_k_chance'),
        rotation_max: mean('rotation_max_chance'),
        rotation_median: mean('rotation_median_chance'),
      },
      principal: principal[alpha] ?? null,
    };
  });
