// Whether k is small enough to choose some directions of a matrix: where it covers all of them,
// nothing can rotate, and nothing lies off the principals.

/** @import { Tensor } from './model.js' */

/**
 * k reaches the shorter side, or the base has no higher rank.
 * @param {Pick<Tensor, 'geometry' | 'shape'>} tensor
 */
export const coversAll = ({ geometry, shape }) =>
  Boolean(geometry && (geometry.k >= Math.min(...shape) || geometry.k < geometry.requested_k));
