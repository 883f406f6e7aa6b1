// A rank for the principal subspaces: k that covers all directions of a matrix leaves nothing to
// compare.

/**
 * The shorter sides of matrices.
 * @param {{ shape: number[] }[]} tasks
 */
export const shorterSides = (tasks) =>
  tasks.flatMap(({ shape }) =>
    shape.length === 2 && Math.min(...shape) > 1 ? [Math.min(...shape)] : [],
  );

/**
 * A smaller k where `k` covers all directions of more than half of the matrices: the largest power
 * of two up to half of their median side. Null where k may stay.
 * @param {number[]} sides The shorter sides of the matrices.
 * @param {number} k
 */
export function proposeK(sides, k) {
  const covered = sides.filter((side) => k >= side).length;
  if (!sides.length || covered * 2 <= sides.length) return null;
  const median = [...sides].sort((a, b) => a - b)[Math.floor(sides.length / 2)];
  const proposed = 2 ** Math.floor(Math.log2(Math.max(1, median / 2)));
  return proposed < k ? { k: proposed, covered, matrices: sides.length, median } : null;
}
