// What a tensor is called within its layer, experts and shared experts of a mixture among them:
// Mixtral, Qwen-MoE, DeepSeek, and stacked experts as the analyser cuts them (`name[3]`).

/**
 * @typedef {object} TensorPlace
 * @property {string} row The name of its row in a heatmap: what all layers call it.
 * @property {number | null} expert The number of its expert; null for what belongs to none.
 * @property {string[]} words What filters the tensors of this row, all experts together.
 */

const PREFIX = /^(.*?)\.(\d+)\.(?=.)/;
const CONTAINERS = /^(self_attn|attn|attention|mlp|block_sparse_moe|self_attention|feed_forward)\./;
/** `experts.3.up_proj.weight` and `experts.up_proj[3]`. */
const NUMBERED = /(?:^|\.)experts\.(\d+)\.(.+)$/;
const STACKED = /^(.*)\[(\d+)\]$/;
const SHARED = /(?:^|\.)shared_experts?\.(.+)$/;
const ROUTERS = ['gate', 'router', 'router.layer'];

/** What a projection of an expert is called everywhere. @type {Record<string, string>} */
const PROJECTIONS = {
  w1: 'gate',
  w2: 'down',
  w3: 'up',
  v1: 'up',
  gate_proj: 'gate',
  up_proj: 'up',
  down_proj: 'down',
  gate_up_proj: 'gate_up',
  input_linear: 'gate_up',
  output_linear: 'down',
};

/** Projections in the order that data takes through an expert. */
export const PROJECTION_ORDER = ['gate', 'up', 'gate_up', 'down'];

/** Names that are known at once: those of several runs of a large model. */
const MOST_KNOWN = 60_000;

/**
 * A function of a name that remembers what it found.
 * @template T
 * @param {(name: string) => T} find
 * @returns {(name: string) => T}
 */
function remember(find) {
  /** @type {Map<string, T>} */
  const known = new Map();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= MOST_KNOWN) known.clear();
    const found = find(name);
    known.set(name, found);
    return found;
  };
}

/**
 * A projection of an expert, by the part of its name behind the expert's number.
 * @param {string} rest
 */
const nameProjection = (rest) =>
  rest
    .replace(/\.weight$/, '')
    .replace(/^mlp\./, '')
    .replace(/^[^.]+/, (word) => PROJECTIONS[word] ?? word);

/**
 * The name without the way to the layer and `.weight`.
 * @param {string} name
 */
export const longName = remember((name) =>
  name.replace(PREFIX, '').replace(/\.weight(?=$|\[)/, ''),
);

/**
 * What tells a tensor from its neighbours in a layer.
 * @param {string} name
 */
export const shortName = remember((name) => longName(name).replace(CONTAINERS, ''));

/**
 * The way to the list of layers: it tells a vision tower from the language model.
 * @param {string} name
 */
export const towerOf = remember((name) =>
  (PREFIX.exec(name)?.[1] ?? '')
    .replace(/(^|\.)(layers|h|blocks|layer)$/, '')
    .replace(/^(model|transformer|gpt_neox)(\.|$)/, ''),
);

/**
 * The place of a projection of an expert; null for all other tensors.
 * @type {(name: string) => TensorPlace | null}
 */
export const findExpert = remember(placeExpert);

/**
 * @param {string} name
 * @returns {TensorPlace | null}
 */
function placeExpert(name) {
  if (!name.includes('experts.') && !name.endsWith(']')) return null;
  const numbered = NUMBERED.exec(name);
  if (numbered)
    return {
      row: `experts.${nameProjection(numbered[2])}`,
      expert: Number(numbered[1]),
      words: ['.experts.', `.${numbered[2]}`],
    };
  const stacked = STACKED.exec(name);
  if (!stacked) return null;
  const within = shortName(stacked[1]).replace(/^experts\./, '');
  // Slices of other tensors, such as the filters of a convolution, are no experts.
  if (!/(^|\.)(experts|block_sparse_moe|moe)\./.test(stacked[1])) return null;
  return {
    row: `experts.${nameProjection(within)}`,
    expert: Number(stacked[2]),
    words: [`${stacked[1].replace(/^.*?\.\d+(?=\.)/, '')}[`],
  };
}

/**
 * The row of a tensor that belongs to no routed expert, as far as its own name tells.
 * @param {{ name: string, module: string }} tensor
 */
export function nameRow({ name, module }) {
  const stacked = STACKED.exec(name);
  const short = shortName(stacked ? stacked[1] : name);
  const shared = SHARED.exec(short);
  if (shared) return `shared.${nameProjection(shared[1])}`;
  return module === 'router' && ROUTERS.includes(short) ? 'router' : short;
}
