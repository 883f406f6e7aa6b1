// ‖sin Θ‖_F of the principal angles beside a random update of the same norm.
import { median } from './means.js';

/** @import { Tensor } from './model.js' */

/**
 * Both sides as one number over chance, the median over matrices. The ends `low` and `high` differ
 * where a chance level is only known to lie between two. Null where no matrix has one.
 * @param {Pick<Tensor, 'geometry'>[]} tensors
 */
export function rotationOverChance(tensors) {
  const ratios = tensors.flatMap(({ geometry }) => {
    const { left, right, chance_left: byLeft, chance_right: byRight } = geometry?.sin_theta ?? {};
    if (left === undefined || right === undefined || !byLeft || !byRight) return [];
    if (!(byLeft[0] > 0 && byRight[0] > 0)) return [];
    const observed = Math.hypot(left, right);
    return [[0, 1].map((end) => observed / Math.hypot(byLeft[end], byRight[end]))];
  });
  if (!ratios.length) return null;
  return {
    matrices: ratios.length,
    low: median(ratios.map(([, low]) => low)),
    high: median(ratios.map(([high]) => high)),
  };
}
