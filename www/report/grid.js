// Tensors as cells of layer × module.
import { mean } from './means.js';

/** @import { Module, Tensor } from './model.js' */
/** @import { Metric } from './metrics.js' */

/**
 * @typedef {object} Cell
 * @property {number | null} layer
 * @property {string} module
 * @property {Tensor[]} tensors
 */

const PREFIX = /^(.*?)\.(\d+)\.(?=.)/;
const CONTAINERS = /^(self_attn|attn|attention|mlp|block_sparse_moe|self_attention)\./;

/**
 * What tells a tensor from its neighbours in a layer: its name without the way to the layer and
 * `.weight`.
 * @param {string} name
 */
export const shortName = (name) => longName(name).replace(CONTAINERS, '');
/** @param {string} name */
const longName = (name) => name.replace(PREFIX, '').replace(/\.weight$/, '');

/**
 * Modules in the order that data takes through a layer.
 * @type {Module[]}
 */
export const MODULES = [
  'embed',
  'norm',
  'q',
  'k',
  'v',
  'qkv',
  'o',
  'gate',
  'up',
  'gate_up',
  'down',
  'router',
  'expert',
  'bias',
  'other',
  'head',
];

/** More tensors than this of one kind in a layer (experts) share a cell. */
const MOST_OWN = 4;

/** @param {Tensor} tensor */
const inLayer = ({ layer }) => layer !== null && layer !== undefined;

/**
 * Kinds of which some layer has too many tensors for cells of their own.
 * @param {Tensor[]} tensors
 */
function findCrowdedKinds(tensors) {
  const counts = new Map();
  for (const { layer, module } of tensors.filter(inLayer)) {
    const key = `${layer} ${module}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, n]) => n > MOST_OWN).map(([key]) => key.split(' ')[1]));
}

/**
 * The names of the rows. GPT-2 has attn.c_proj and mlp.c_proj: a short name that two tensors of a
 * layer share is not used.
 * @param {Tensor[]} tensors
 * @returns {(tensor: Tensor) => string}
 */
function nameRows(tensors) {
  const crowded = findCrowdedKinds(tensors);
  const long = new Map();
  for (const { name } of tensors)
    long.set(shortName(name), (long.get(shortName(name)) ?? new Set()).add(longName(name)));
  /** @param {string} name */
  const own = (name) => (long.get(shortName(name)).size > 1 ? longName(name) : shortName(name));
  return ({ name, module }) => (crowded.has(module) ? `${module} (mean)` : own(name));
}

/**
 * Tensors by layer and module; `outside` are those without a layer.
 * @param {Tensor[]} tensors
 */
export function arrangeCells(tensors) {
  const nameRow = nameRows(tensors);
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  /** @type {Map<string, number>} */
  const order = new Map();
  for (const tensor of tensors.filter(inLayer)) {
    const module = nameRow(tensor);
    const key = `${tensor.layer} ${module}`;
    const cell = cells.get(key) ?? { layer: tensor.layer ?? null, module, tensors: [] };
    cell.tensors.push(tensor);
    cells.set(key, cell);
    if (!order.has(module)) order.set(module, MODULES.indexOf(tensor.module));
  }
  /** @type {Cell[]} */
  const outside = tensors
    .filter((tensor) => !inLayer(tensor))
    .map((tensor) => ({
      layer: null,
      module: tensor.name.replace(/\.weight$/, '').replace(/^model\./, ''),
      tensors: [tensor],
    }));
  const layers = new Set([...cells.values()].map(({ layer }) => layer ?? 0));
  return {
    layers: [...layers].sort((a, b) => a - b),
    modules: [...order].sort(([, a], [, b]) => a - b).map(([module]) => module),
    cells: [...cells.values()],
    outside,
  };
}

/**
 * The mean over the tensors of a cell that have a value; null where none has.
 * @param {Pick<Cell, 'tensors'>} cell
 * @param {Metric} metric
 * @param {number} alpha
 */
export const cellValue = (cell, metric, alpha) =>
  mean(cell.tensors.map((tensor) => metric.value(tensor, alpha)));

/**
 * The mean chance level of the same tensors, which is the chance of their mean.
 * @param {Pick<Cell, 'tensors'>} cell
 * @param {Metric} metric
 * @param {number} alpha
 */
export const cellChance = (cell, metric, alpha) =>
  mean(
    cell.tensors
      .filter((tensor) => metric.value(tensor, alpha) !== null)
      .map((tensor) => metric.chance?.(tensor, alpha)),
  );
