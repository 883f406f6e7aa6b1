// ‖sin Θ‖_F of the principal angles beside a random update of the same norm. Pure, so that it is
// tested without a page.
import { median } from './means.js';

/** Reports from before this figure do not offer it. */
export const hasSinTheta = (report) =>
  Boolean(report?.runs.some(({ tensors }) => tensors.some(({ geometry }) => geometry?.sin_theta)));

/** One level where both ends of the range agree, as they do for exact matrices. */
export const sinThetaByChance =
  (side) =>
  ({ geometry }) => {
    const [low, high] = geometry?.sin_theta?.[`chance_${side}`] ?? [];
    return low === high ? (low ?? null) : null;
  };

/**
 * Both sides as one number over chance, the median over matrices: { matrices, low, high }, whose
 * ends differ where a chance level is only known to lie between two. Null where no matrix has one.
 */
export function rotationOverChance(tensors) {
  const held = tensors
    .map(({ geometry }) => geometry?.sin_theta)
    .filter(
      (one) =>
        one?.chance_left && one.chance_right && one.chance_left[0] > 0 && one.chance_right[0] > 0,
    );
  if (!held.length) return null;
  const over = (end) =>
    median(
      held.map(
        (one) =>
          Math.hypot(one.left, one.right) / Math.hypot(one.chance_left[end], one.chance_right[end]),
      ),
    );
  return { matrices: held.length, low: over(1), high: over(0) };
}
