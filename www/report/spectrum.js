// Blocks of singular directions, as a report's `along_spectrum` has them. Pure, so that it is
// tested without a page.

/** First and last direction of each block that ends at one of `edges`, from 1. */
const ranges = (edges) => edges.map((edge, i) => [i === 0 ? 1 : edges[i - 1] + 1, edge]);

/** As a person counts them: `1`, `2`, `3–4`. */
export const blockNames = (edges) =>
  ranges(edges).map(([from, to]) => (from === to ? String(to) : `${from}–${to}`));

/**
 * Shares of ‖Δ‖² that a random update has in the blocks: of left directions, of right ones, and
 * between a block's left and right ones.
 */
export function blockChance(edges, [m, n]) {
  const sizes = ranges(edges).map(([from, to]) => to - from + 1);
  return {
    left: sizes.map((size) => size / m),
    right: sizes.map((size) => size / n),
    both: sizes.map((size) => (size * size) / (m * n)),
  };
}
