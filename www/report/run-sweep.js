// A whole run at the ranks 1, 2, 4, … and k, from its rollup.
import { FIGURES } from './figures.js';

/** @import { RollupSweep } from './report.js' */
/** @import { Run, SweepPoint } from './model.js' */

/**
 * Ranks that fewer than half of the matrices have are those of small matrices alone.
 * @param {RollupSweep[]} sweep
 */
function commonRanks(sweep) {
  const most = Math.max(0, ...sweep.map(({ matrices }) => matrices));
  return sweep.filter(({ matrices }) => 2 * matrices >= most);
}

/**
 * Where an entry of a matrix's sweep has a number, and the name of its mean in rollups.
 * @type {{ way: string[], name: string }[]}
 */
const SWEPT = FIGURES.filter(({ sweep }) => sweep).flatMap(({ id, path, chance }) =>
  [
    { path, name: id },
    { path: chance?.path, name: chance?.name ?? '' },
  ].flatMap((number) =>
    number.path ? [{ way: number.path.split('.').slice(1), name: number.name }] : [],
  ),
);

/** @typedef {Omit<SweepPoint, 'gap' | 'uncertainty'>} SweptFigures */

/**
 * The rollup in the shape of a matrix's own `sweep`: means over the matrices that have a rank, with
 * `matrices`, `resolved` (whether any is) and `principal`. Empty for reports from before rollups
 * had them.
 * @param {{ model: Pick<Run['model'], 'sweep'> }} run
 * @param {number} alpha The place of α.
 */
export const sweepOfRun = ({ model: { sweep = [] } }, alpha) =>
  commonRanks(sweep).map(({ k, matrices, spectral, principal }) => {
    /** @type {Record<string, any>} */
    const figures = { chance: {} };
    for (const { way, name } of SWEPT) {
      const last = way.length - 1;
      const place = way.slice(0, last).reduce((object, key) => object[key], figures);
      place[way[last]] = spectral[name]?.mean ?? null;
    }
    return {
      .../** @type {SweptFigures} */ (figures),
      k,
      matrices,
      resolved: spectral.rotation_max !== undefined,
      principal: principal[alpha] ?? null,
    };
  });
