// Tensors as cells of layer × module. Pure, so that it is tested without a page.
import { mean } from './means.js';

const PREFIX = /^(.*?)\.(\d+)\.(?=.)/;
const CONTAINERS = /^(self_attn|attn|attention|mlp|block_sparse_moe|self_attention)\./;

/**
 * What tells a tensor from its neighbours in a layer: its name without the way to the layer and
 * `.weight`.
 */
export const shortName = (name) => longName(name).replace(CONTAINERS, '');
const longName = (name) => name.replace(PREFIX, '').replace(/\.weight$/, '');

// In the order that data takes through a layer; kinds not named here come last.
const ORDER = [
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
const rank = (kind) => (ORDER.indexOf(kind) + ORDER.length + 1) % (ORDER.length + 1);

/** More tensors than this of one kind in a layer (experts) share a cell. */
const MOST_OWN = 4;

/**
 * { layers, modules, cells, outside }: a cell is { layer, module, tensors }; `outside` holds
 * tensors without a layer.
 */
export function grid(tensors) {
  const kinds = new Map();
  for (const tensor of tensors.filter(({ layer }) => layer !== null)) {
    const key = `${tensor.layer} ${tensor.module}`;
    kinds.set(key, (kinds.get(key) ?? 0) + 1);
  }
  const crowded = new Set(
    [...kinds].filter(([, n]) => n > MOST_OWN).map(([key]) => key.split(' ')[1]),
  );
  // GPT-2 has attn.c_proj and mlp.c_proj: a short name that two tensors of a layer share is not
  // used.
  const long = new Map();
  for (const { name } of tensors)
    long.set(shortName(name), (long.get(shortName(name)) ?? new Set()).add(longName(name)));
  const own = (name) => (long.get(shortName(name)).size > 1 ? longName(name) : shortName(name));
  const label = ({ name, module }) => (crowded.has(module) ? `${module} (mean)` : own(name));
  const cells = new Map();
  const order = new Map();
  const outside = [];
  for (const tensor of tensors) {
    if (tensor.layer === null) {
      outside.push({
        layer: null,
        module: tensor.name.replace(/\.weight$/, '').replace(/^model\./, ''),
        tensors: [tensor],
      });
      continue;
    }
    const module = label(tensor);
    const key = `${tensor.layer} ${module}`;
    if (!cells.has(key)) cells.set(key, { layer: tensor.layer, module, tensors: [] });
    cells.get(key).tensors.push(tensor);
    if (!order.has(module)) order.set(module, rank(tensor.module));
  }
  return {
    layers: [...new Set([...cells.values()].map(({ layer }) => layer))].sort((a, b) => a - b),
    modules: [...order].sort(([, a], [, b]) => a - b).map(([module]) => module),
    cells: [...cells.values()],
    outside,
  };
}

/** The mean over the tensors of a cell that have the figure; null where none has. */
export const cellValue = (cell, metric, alpha) =>
  mean(cell.tensors.map((tensor) => metric.value(tensor, alpha)));

/** The mean chance level of the same tensors, which is the chance of their mean. */
export const cellChance = (cell, metric, alpha) =>
  mean(
    cell.tensors
      .filter((tensor) => metric.value(tensor, alpha) !== null)
      .map((tensor) => metric.chance?.(tensor, alpha)),
  );
