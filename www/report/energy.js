// Where the energy of an update lies: shares of ‖Δ‖² by layer and by kind of module, beside their
// shares of the weights.
import { MODULES } from './grid.js';
import { OUTSIDE } from './outside.js';

/** @import { Tensor } from './model.js' */

/**
 * @typedef {object} Group
 * @property {string} key The layer's number, or the kind of module.
 * @property {string} label
 * @property {string} word What `filterTensors` takes to keep these tensors alone.
 * @property {number | null} layer Null for what stands outside the layers.
 */

/**
 * A group of tensors in one run.
 * @typedef {object} Share
 * @property {number | null} energy Of ‖Δ‖² of the run; null where nothing moved.
 * @property {number} weights Of the run's parameters.
 * @property {number | null} ratio Energy over weights: 1 where the group moved as much as its size
 * lets expect.
 * @property {number} tensors
 */

/**
 * A group that holds far more of a run's energy than its size lets expect.
 * @typedef {{ group: Group, energy: number }} Concentration
 */

/** @param {Tensor} tensor @returns {Group} */
const layerOf = ({ layer, module }) =>
  layer !== null && layer !== undefined
    ? { key: String(layer), label: String(layer), word: `layer:${layer}`, layer }
    : {
        key: `outside ${module}`,
        label: OUTSIDE[module] ?? module,
        word: `layer:none module:${module}`,
        layer: null,
      };

/** @param {Tensor} tensor @returns {Group} */
const moduleOf = ({ module }) => ({
  key: module,
  label: module,
  word: `module:${module}`,
  layer: null,
});

/** @param {Tensor} tensor */
const keyOfLayer = ({ layer, module }) => layer ?? `outside ${module}`;
/** @param {Tensor} tensor */
const keyOfModule = ({ module }) => module;

/** @typedef {(tensor: Tensor) => string | number} KeyOf */

/**
 * What was found of a list that had so many tensors, by how they are grouped.
 * @template Found
 * @typedef {WeakMap<Tensor[], Map<KeyOf, { count: number, found: Found }>>} Kept
 */

/**
 * Finds something of a list's groups, and keeps it: a view is drawn more often than it changes what
 * it is of.
 * @template Found
 * @param {Kept<Found>} kept
 * @param {Tensor[]} tensors
 * @param {KeyOf} keyOf
 * @param {(tensors: Tensor[], keyOf: KeyOf) => Found} find
 * @returns {Found}
 */
function findOnce(kept, tensors, keyOf, find) {
  const all = kept.get(tensors) ?? new Map();
  kept.set(tensors, all);
  const known = all.get(keyOf);
  if (known?.count === tensors.length) return known.found;
  const found = find(tensors, keyOf);
  all.set(keyOf, { count: tensors.length, found });
  return found;
}

/**
 * The first tensor of each group.
 * @param {Tensor[]} tensors
 * @param {KeyOf} keyOf
 */
function pickFirst(tensors, keyOf) {
  /** @type {Map<string | number, Tensor>} */
  const members = new Map();
  for (const tensor of tensors) {
    const key = keyOf(tensor);
    if (!members.has(key)) members.set(key, tensor);
  }
  return members;
}

/** @type {Kept<Map<string | number, Tensor>>} */
const picked = new WeakMap();

/**
 * One tensor of each group.
 * @param {Tensor[][]} runs
 * @param {KeyOf} keyOf
 */
function pickMembers(runs, keyOf) {
  /** @type {Map<string | number, Tensor>} */
  const members = new Map();
  for (const tensors of runs)
    for (const [key, tensor] of findOnce(picked, tensors, keyOf, pickFirst))
      if (!members.has(key)) members.set(key, tensor);
  return [...members.values()];
}

/** @param {Tensor} tensor */
const order = ({ module }) => MODULES.indexOf(module);

/**
 * Groups of the tensors of all runs, layers ascending, then what stands outside them.
 * @param {Tensor[][]} runs
 */
export const listLayers = (runs) =>
  pickMembers(runs, keyOfLayer)
    .sort((a, b) => (a.layer ?? Infinity) - (b.layer ?? Infinity) || order(a) - order(b))
    .map(layerOf);

/**
 * Kinds of modules of all runs, in the order that data takes.
 * @param {Tensor[][]} runs
 */
export const listModules = (runs) =>
  pickMembers(runs, keyOfModule)
    .sort((a, b) => order(a) - order(b))
    .map(moduleOf);

/**
 * @param {Tensor[]} tensors
 * @param {KeyOf} keyOf
 * @returns {Map<string, Share>}
 */
function divide(tensors, keyOf) {
  /** @type {Map<string | number, { square: number, parameters: number, tensors: number }>} */
  const groups = new Map();
  const all = { square: 0, parameters: 0 };
  for (const tensor of tensors) {
    const norm = tensor.update?.frobenius_update;
    if (typeof norm !== 'number') continue;
    const key = keyOf(tensor);
    const group = groups.get(key) ?? { square: 0, parameters: 0, tensors: 0 };
    groups.set(key, group);
    group.square += norm ** 2;
    group.parameters += tensor.parameters;
    group.tensors += 1;
    all.square += norm ** 2;
    all.parameters += tensor.parameters;
  }
  return new Map(
    [...groups].map(([key, group]) => {
      const energy = all.square > 0 ? group.square / all.square : null;
      const weights = all.parameters ? group.parameters / all.parameters : 0;
      const ratio = energy !== null && weights > 0 ? energy / weights : null;
      return [String(key), { energy, weights, ratio, tensors: group.tensors }];
    }),
  );
}

/** @type {Kept<Map<string, Share>>} */
const divided = new WeakMap();

/**
 * A run's energy by the keys of `listLayers`.
 * @param {Tensor[]} tensors
 */
export const divideByLayer = (tensors) => findOnce(divided, tensors, keyOfLayer, divide);

/**
 * A run's energy by the keys of `listModules`.
 * @param {Tensor[]} tensors
 */
export const divideByModule = (tensors) => findOnce(divided, tensors, keyOfModule, divide);

/**
 * Whether a run has layers that its update could be spread over: two or more.
 * @param {Tensor[]} tensors
 */
export const hasLayers = (tensors) =>
  [...divideByLayer(tensors).keys()].filter((key) => !key.startsWith('outside ')).length > 1;

/** A layer holds much of a run where it has this many times its share of the weights, … */
const TIMES = 2;
/** … and this much of all. */
const LEAST = 0.15;

/**
 * The layer, or what stands outside the layers, that holds far more of a run's energy than its size
 * lets expect; null where the update is spread.
 * @param {Tensor[]} tensors
 * @returns {Concentration | null}
 */
export function findConcentration(tensors) {
  const shares = divideByLayer(tensors);
  if (shares.size < 2) return null;
  const groups = listLayers([tensors]);
  const held = groups
    .map((group) => ({ group, share: shares.get(group.key) }))
    .filter(({ share }) => (share?.energy ?? 0) >= LEAST && (share?.ratio ?? 0) >= TIMES)
    .sort((a, b) => (b.share?.energy ?? 0) - (a.share?.energy ?? 0));
  const [first] = held;
  return first ? { group: first.group, energy: Number(first.share?.energy) } : null;
}

/**
 * A filter with the words of one kind taken out, and another in their place unless it was there.
 * @param {string} filter
 * @param {'layer' | 'module'} kind
 * @param {string} word
 */
export function toggleWord(filter, kind, word) {
  const rest = withoutWords(filter, kind);
  return hasWord(filter, kind, word) ? rest : [rest, word].filter(Boolean).join(' ');
}

/**
 * What stands outside the layers is named by two words.
 * @param {string} filter
 */
const wordsOf = (filter) =>
  filter
    .replace(/layer:none module:(\S+)/g, 'layer:none+module:$1')
    .split(/\s+/)
    .filter(Boolean);

/**
 * @param {string} filter
 * @param {'layer' | 'module'} kind
 */
export const withoutWords = (filter, kind) =>
  wordsOf(filter)
    .filter((word) => !word.startsWith(`${kind}:`))
    .join(' ')
    .replaceAll('layer:none+', 'layer:none ');

/**
 * @param {string} filter
 * @param {'layer' | 'module'} kind
 * @param {string} word
 */
export const hasWord = (filter, kind, word) =>
  wordsOf(filter).some(
    (one) => one.startsWith(`${kind}:`) && one.replace('none+', 'none ') === word,
  );
