// A whole run at the ranks 1, 2, 4, … and k, from its rollup. Pure, so that it is tested without a
// page.

const CHANCES = {
  both: 'off_principal_chance',
  left: 'off_principal_left_chance',
  right: 'off_principal_right_chance',
  nss_top_k: 'nss_top_k_chance',
  rotation_max: 'rotation_max_chance',
  rotation_median: 'rotation_median_chance',
};
const FIGURES = [
  'off_principal_share',
  'off_principal_left',
  'off_principal_right',
  'nss_top_k',
  'rotation_max',
  'rotation_median',
];

/**
 * In the shape of a matrix's own `sweep`: means over the matrices, with `matrices`, `resolved`
 * (whether any is) and `principal`. Ranks that fewer than half of the matrices have are those of
 * small matrices alone, and left out. Empty for reports from before rollups had them.
 */
export function sweepOfRun({ model: { sweep = [] } }, alpha) {
  const most = Math.max(0, ...sweep.map(({ matrices }) => matrices));
  return sweep
    .filter(({ matrices }) => 2 * matrices >= most)
    .map(({ k, matrices, spectral, principal }) => {
      const mean = (name) => spectral[name]?.mean ?? null;
      return {
        k,
        matrices,
        ...Object.fromEntries(FIGURES.map((name) => [name, mean(name)])),
        resolved: spectral.rotation_max !== undefined,
        chance: Object.fromEntries(
          Object.entries(CHANCES).map(([name, field]) => [name, mean(field)]),
        ),
        principal: principal[alpha] ?? null,
      };
    });
}
