// Layers whose value and output projections changed their basis together. Pure, so that it is
// tested without a page.

const WORDS = {
  rotated: 'were rotated together, head by head',
  permuted: 'had their heads permuted together',
  permuted_and_rotated: 'had their heads permuted and rotated together',
};
export const words = (kind) => WORDS[kind] ?? null;

/**
 * The share of the update that goes away with the change of basis, and what would of a random one.
 */
export const gone = ({ update_before: before, update_after: after, chance }) => ({
  share: before > 0 ? 1 - after / before : null,
  chance: 1 - chance,
});

/**
 * What is said of a tensor, be it the value projection that has the field or the output projection
 * that it names.
 */
export function preservingOf({ tensors }, name) {
  const values = tensors.find(
    ({ name: own, function_preserving: held }) => held && (own === name || held.partner === name),
  );
  return values ? { values: values.name, ...values.function_preserving } : null;
}

/** Numbers in the words of a sentence: `0–3, 7`. */
export function ranges(numbers) {
  const parts = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

/**
 * For each kind that occurs: its layers, and the least and largest share of their updates that goes
 * away.
 */
export function changesOfBasis({ tensors }) {
  const found = tensors.filter(({ function_preserving: held }) => held && words(held.kind));
  return [...new Set(found.map(({ function_preserving: { kind } }) => kind))].map((kind) => {
    const held = found.filter((tensor) => tensor.function_preserving.kind === kind);
    const shares = held.map((tensor) => gone(tensor.function_preserving));
    const ends = (field) =>
      [Math.min, Math.max].map((end) => end(...shares.map((one) => one[field])));
    return {
      kind,
      layers: held.map(({ layer }) => layer),
      share: ends('share'),
      chance: ends('chance'),
    };
  });
}
