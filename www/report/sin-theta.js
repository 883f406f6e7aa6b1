// ‖sin Θ‖_F of the principal angles beside a random update of the same norm.
import { median } from './means.js';

/** @import { Report, Tensor } from './model.js' */

/**
 * Reports from before this value do not offer it.
 * @param {Pick<Report, 'runs'> | null} report
 */
export const hasSinTheta = (report) =>
  Boolean(report?.runs.some(({ tensors }) => tensors.some(({ geometry }) => geometry?.sin_theta)));

/**
 * One level where both ends of the range agree, as they do for exact matrices.
 * @param {'left' | 'right'} side
 */
export const sinThetaByChance =
  (side) =>
  /** @param {Pick<Tensor, 'geometry'>} tensor */
  ({ geometry }) => {
    const { chance_left: left, chance_right: right } = geometry?.sin_theta ?? {};
    const [low, high] = (side === 'left' ? left : right) ?? [];
    return low === high ? (low ?? null) : null;
  };

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
