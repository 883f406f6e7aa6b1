// What a k that covers all directions of matrices leaves out, and a smaller one in its place.
import { coversAll } from './directions.js';
import { count, counted } from './format.js';
import { OUTSIDE } from './outside.js';

/** @import { Tensor } from './model.js' */

/** The largest part of all matrices that may be left out without a word about k. */
const FEW = 0.1;

/**
 * A smaller k where `k` covers all directions of a tenth of the matrices or more: the largest power
 * of two up to half of the side that fewer than a tenth fall short of. Null where k may stay.
 * @param {number[]} sides The shorter sides of the matrices.
 * @param {number} k
 */
export function proposeK(sides, k) {
  const covered = sides.filter((side) => k >= side).length;
  if (!sides.length || covered < FEW * sides.length) return null;
  const ascending = [...sides].sort((a, b) => a - b);
  const short = ascending[Math.ceil(FEW * sides.length) - 1];
  const proposed = 2 ** Math.floor(Math.log2(Math.max(1, short / 2)));
  return proposed < Math.min(k, short) ? { k: proposed, covered, matrices: sides.length } : null;
}

/**
 * How many directions a matrix has: its shorter side, or the rank of its base where that is less.
 * @param {Pick<Tensor, 'geometry' | 'shape'>} tensor
 */
const directionsOf = ({ geometry, shape }) =>
  Math.min(...shape, geometry && geometry.k < geometry.requested_k ? geometry.k : Infinity);

/** More kinds than this are counted, not named. */
const NAMED = 4;

/** @param {Pick<Tensor, 'module'>[]} tensors */
function nameKinds(tensors) {
  const kinds = [...new Set(tensors.map(({ module }) => OUTSIDE[module] ?? module))];
  const rest = kinds.length - NAMED;
  return rest > 0 ? `${kinds.slice(0, NAMED).join(', ')} and ${rest} more` : kinds.join(', ');
}

/**
 * What to say of a k that covers all directions of some matrices; null where it does of none.
 * @param {Pick<Tensor, 'geometry' | 'shape' | 'module'>[]} tensors
 */
export function describeDirections(tensors) {
  const matrices = tensors.filter(({ geometry }) => geometry);
  const covered = matrices.filter(coversAll);
  if (!covered.length) return null;
  const whose = covered.length === 1 ? 'its' : 'their';
  const proposed = proposeK(
    matrices.map(directionsOf),
    Math.max(...matrices.map(({ geometry }) => geometry?.requested_k ?? 0)),
  );
  return (
    `${count(covered.length)} of ${counted(matrices.length, 'matrix', 'matrices')} left out: ` +
    `k covers all ${whose} directions (${nameKinds(covered)})` +
    (proposed ? `; try k = ${proposed.k}` : '')
  );
}
