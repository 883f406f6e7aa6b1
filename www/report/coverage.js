// Whether k is small enough to choose some directions of a matrix: where it covers all of them,
// nothing can rotate, and nothing lies off the principals.
import { count } from './format.js';

/** @import { Tensor } from './model.js' */

/**
 * k reaches the shorter side, or the base has no higher rank.
 * @param {Pick<Tensor, 'geometry' | 'shape'>} tensor
 */
export const coversAll = ({ geometry, shape }) =>
  Boolean(geometry && (geometry.k >= Math.min(...shape) || geometry.k < geometry.requested_k));

/**
 * What to say of a k that covers all directions of some matrices; null where it does of none.
 * @param {Pick<Tensor, 'geometry' | 'shape'>[]} tensors
 */
export function describeCoverage(tensors) {
  const matrices = tensors.filter(({ geometry }) => geometry);
  const covered = matrices.filter(coversAll).length;
  if (!covered) return null;
  return (
    `k covers all directions of ${count(covered)} of ${count(matrices.length)} matrices, ` +
    'so that these figures say nothing of them: use a smaller k'
  );
}

/**
 * A k that leaves all of these matrices directions to choose from: the largest power of two up to a
 * third of the shortest side, or of the rank where that is less. Null where there is none.
 * @param {Pick<Tensor, 'geometry' | 'shape'>[]} tensors
 */
export function fittingK(tensors) {
  const ranks = tensors.flatMap(({ geometry, shape }) =>
    geometry ? [Math.min(...shape, geometry.k < geometry.requested_k ? geometry.k : Infinity)] : [],
  );
  const most = Math.min(...ranks) / 3;
  return ranks.length && most >= 1 ? 2 ** Math.floor(Math.log2(most)) : null;
}
