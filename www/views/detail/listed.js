// What a sparse delta without its base tells of one tensor: where the weights lie that it lists.
import { densityMap } from './maps.js';
import { sharesAlong } from './precision.js';

/** @import { Detailed } from '../../report/model.js' */

/** @param {Detailed} tensor */
export function listedFigures({ listed, shape }) {
  if (!listed || typeof listed.density !== 'number') return [];
  const { row_density: rows, column_density: columns, map, density: share } = listed;
  const [m, n] = shape;
  return [
    sharesAlong(rows, { across: n, density: share, name: 'row' }),
    sharesAlong(columns, { across: m, density: share, name: 'column' }),
    map &&
      densityMap({
        title: 'Map of changed weights',
        map,
        coded: map.all,
        shape,
        level: share,
        about: 'Share of the weights of a cell that the delta lists.',
        because: 'the matrix’s own share',
      }),
  ].filter(Boolean);
}
