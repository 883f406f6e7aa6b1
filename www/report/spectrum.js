// Blocks of singular directions, as a report's `along_spectrum` has them.

/**
 * First and last direction of each block that ends at one of `edges`, from 1.
 * @param {number[]} edges
 */
const blockRanges = (edges) => edges.map((edge, i) => [i === 0 ? 1 : edges[i - 1] + 1, edge]);

/**
 * Blocks as a person counts them: `1`, `2`, `3–4`.
 * @param {number[]} edges
 */
export const blockNames = (edges) =>
  blockRanges(edges).map(([from, to]) => (from === to ? String(to) : `${from}–${to}`));

/**
 * Shares of ‖Δ‖² that a random update has in the blocks: of left directions, of right ones, and
 * between a block's left and right ones.
 * @param {number[]} edges
 * @param {number[]} shape
 */
export function blockChance(edges, [m, n]) {
  const sizes = blockRanges(edges).map(([from, to]) => to - from + 1);
  return {
    left: sizes.map((size) => size / m),
    right: sizes.map((size) => size / n),
    both: sizes.map((size) => (size * size) / (m * n)),
  };
}
