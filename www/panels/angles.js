// How far the principal subspaces of one matrix turned, and each of their vectors.
import { chartAngles, chartVectors } from '../charts/rotations.js';
import { angleChanceInBrackets, chanceInBrackets } from '../report/chance.js';
import { degrees, number } from '../report/format.js';
import { chartOf, drawTensor } from './tensor.js';

/** @import { Geometry } from '../report/model.js' */
/** @import { Panel } from './view.js' */

/**
 * Whether the gap of the spectrum resolves the subspace.
 * @param {Geometry} geometry
 */
function resolution({ resolved, k, nearest_resolved_k: nearest, gap, exact }) {
  if (resolved) return exact ? 'exact' : 'estimated';
  const other = typeof nearest === 'number' ? `; the nearest k that is resolved is ${nearest}` : '';
  return `not resolved at k = ${k} (gap ${number(gap)})${other}`;
}

/** @param {Geometry} geometry */
function angles(geometry) {
  const { rotation_max: most, rotation_median: median, chance } = geometry;
  return chartOf({
    ...chartAngles(geometry),
    text:
      `Largest ${degrees(most)}${angleChanceInBrackets(chance)}, ` +
      `median ${degrees(median)}${chanceInBrackets(chance.rotation_median, degrees)}; ` +
      `${resolution(geometry)}.`,
  });
}

/** @param {Geometry} geometry */
const vectors = (geometry) =>
  chartOf({
    ...chartVectors(geometry),
    text: 'Neighbours of nearly equal σ may swap without the subspace turning.',
  });

/** @type {Panel} */
export const drawAngles = (view) =>
  drawTensor(view, {
    isShown: ({ geometry }) => Boolean(geometry),
    draw: ({ geometry }) => (geometry ? [angles(geometry), vectors(geometry)] : []),
    what: 'angles',
  });
