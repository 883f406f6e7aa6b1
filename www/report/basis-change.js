// Layers whose value and output projections changed their basis together.
import { extremes } from './means.js';

/** @import { BasisChange, FunctionPreserving, Run, Tensor } from './model.js' */

/** @type {Record<BasisChange, string | null>} */
const PREDICATES = {
  none: null,
  rotated: 'were rotated together, head by head',
  permuted: 'had their heads permuted together',
  permuted_and_rotated: 'had their heads permuted and rotated together',
};

/**
 * The predicate of a sentence about the two projections; null where no change of basis was found.
 * @param {BasisChange} kind
 */
export const describeKind = (kind) => PREDICATES[kind];

/**
 * The share of the update that goes away with the change of basis, and what would of a random one.
 * @param {Pick<FunctionPreserving, 'update_before' | 'update_after' | 'chance'>} change
 */
export const explainedShare = ({ update_before: before, update_after: after, chance }) => ({
  share: before > 0 ? 1 - after / before : null,
  chance: 1 - chance,
});

/** @typedef {Pick<Tensor, 'name' | 'layer' | 'function_preserving'>} Projection */

/** @param {Projection[]} tensors */
const valueProjections = (tensors) =>
  tensors.flatMap(({ name, layer, function_preserving: change }) =>
    change ? [{ name, layer, change }] : [],
  );

/**
 * The change of basis that concerns a tensor, be it the value projection that has the field or the
 * output projection that it names.
 * @param {{ tensors: Projection[] }} run
 * @param {string} name
 */
export function findBasisChange({ tensors }, name) {
  const values = valueProjections(tensors).find(
    (projection) => projection.name === name || projection.change.partner === name,
  );
  return values ? { values: values.name, ...values.change } : null;
}

/**
 * Numbers in the words of a sentence: `0–3, 7`.
 * @param {number[]} numbers
 */
export function formatNumbers(numbers) {
  /** @type {[number, number][]} */
  const ranges = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

/**
 * For each kind that occurs: its layers, and the least and largest share of their updates that goes
 * away.
 * @param {{ tensors: Projection[] }} run
 */
export function listBasisChanges({ tensors }) {
  const found = valueProjections(tensors).filter(({ change }) => describeKind(change.kind));
  return [...new Set(found.map(({ change }) => change.kind))].map((kind) => {
    const ofKind = found.filter(({ change }) => change.kind === kind);
    const explained = ofKind.map(({ change }) => explainedShare(change));
    return {
      kind,
      layers: ofKind.map(({ layer }) => layer ?? 0),
      share: extremes(explained.map(({ share }) => share ?? 0)),
      chance: extremes(explained.map(({ chance }) => chance)),
    };
  });
}
