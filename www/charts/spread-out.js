// Labels that may not cover each other: each as near to its own place as its neighbours let it.

/**
 * Places in the order given, at least `gap` apart and between `low` and `high`, as far as there is
 * room.
 * @param {number[]} wanted
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
export function spreadOut(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  /** Neighbours that touch stand around the mean of what they want. */
  /** @type {{ members: number[], centre: number }[]} */
  const blocks = [];
  for (const i of order) {
    blocks.push(settle([i], wanted, gap, low, high));
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2);
      const apart = ((before.members.length + last.members.length) / 2) * gap;
      if (last.centre - before.centre >= apart - 1e-9) break;
      blocks.splice(-2, 2, settle([...before.members, ...last.members], wanted, gap, low, high));
    }
  }
  /** @type {number[]} */
  const places = [];
  for (const { members, centre } of blocks)
    members.forEach((i, n) => {
      places[i] = centre + (n - (members.length - 1) / 2) * gap;
    });
  return places;
}

/**
 * @param {number[]} members
 * @param {number[]} wanted
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
function settle(members, wanted, gap, low, high) {
  const half = ((members.length - 1) / 2) * gap;
  const mean = members.reduce((total, i) => total + wanted[i], 0) / members.length;
  return { members, centre: Math.max(low + half, Math.min(high - half, mean)) };
}
