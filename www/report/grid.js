// Tensors as cells of layer × module.
import {
  PROJECTION_ORDER,
  findExpert,
  longName,
  nameRow,
  shortName,
  towerOf,
} from './module-names.js';

/** @import { Module, Tensor } from './model.js' */

export { shortName };

/**
 * @typedef {object} Cell
 * @property {number | null} layer
 * @property {string} module The name of the row.
 * @property {Tensor[]} tensors All experts of a layer share a cell for each projection.
 */

/**
 * A row of the heatmap.
 * @typedef {object} Row
 * @property {string} module
 * @property {boolean} matrix Whether its tensors are matrices.
 * @property {boolean} experts Whether its cells are of many experts.
 */

/**
 * @typedef {object} Grid
 * @property {number[]} layers
 * @property {string[]} modules The names of the rows, in order.
 * @property {Row[]} rows The same rows, and what they are.
 * @property {Cell[]} cells
 * @property {Cell[]} outside Tensors without a layer, a cell for each.
 */

/** Kinds that are one matrix of a layer. @type {Module[]} */
const PROJECTIONS = ['q', 'k', 'v', 'qkv', 'o', 'gate', 'up', 'gate_up', 'down'];

/**
 * Modules in the order that data takes through a layer.
 * @type {Module[]}
 */
export const MODULES = [
  'embed',
  'norm',
  ...PROJECTIONS,
  'router',
  'expert',
  'bias',
  'other',
  'head',
];

/**
 * Whether a tensor is a matrix. Not every delta tells shapes: then the name decides.
 * @param {Pick<Tensor, 'shape' | 'module'>} tensor
 */
export const isMatrix = ({ shape, module }) =>
  shape?.length ? shape.length > 1 : module !== 'norm' && module !== 'bias';

/** @param {Tensor} tensor */
const inLayer = ({ layer }) => layer !== null && layer !== undefined;

/**
 * Kinds of projections by the one name that all tensors of the kind have in their layers: such a
 * row is called as everywhere else, `q` and not `q_proj`.
 * @param {Tensor[]} tensors Of layers.
 */
function nameKinds(tensors) {
  /** @type {Map<string, string>} */
  const kinds = new Map();
  for (const kind of PROJECTIONS) {
    const names = new Set(
      tensors.filter(({ module }) => module === kind).map(({ name }) => longName(name)),
    );
    const [name] = names;
    if (names.size === 1) kinds.set(name, kind);
  }
  return kinds;
}

/**
 * The names of the rows. GPT-2 has attn.c_proj and mlp.c_proj: a short name that two tensors of a
 * layer share is not used. A vision tower has layers of its own, which stand in rows of their own.
 * @param {Tensor[]} tensors Of layers.
 * @returns {(tensor: Tensor) => string}
 */
function nameRows(tensors) {
  /** @type {Map<string, Set<string>>} */
  const long = new Map();
  const towers = new Set();
  for (const { name } of tensors) {
    const short = shortName(name);
    const names = long.get(short) ?? new Set();
    long.set(short, names.add(longName(name)));
    towers.add(towerOf(name));
  }
  const kinds = nameKinds(tensors);
  return (tensor) => {
    const { name } = tensor;
    const short = shortName(name);
    const own = nameRow(tensor);
    const [stem, end] = longName(name).split(/(?=\.bias$)/);
    const kind = kinds.get(stem);
    const row = kind
      ? `${kind}${end ?? ''}`
      : (long.get(short)?.size ?? 0) > 1 && short === own
        ? longName(name)
        : own;
    const tower = towers.size > 1 ? towerOf(name) : '';
    return tower ? `${tower} ${row}` : row;
  };
}

/**
 * The place of a row: by its module, experts and shared ones by their projection.
 * @param {Tensor} tensor
 * @param {string} row
 */
function orderOf({ module }, row) {
  const [, shared, projection] = /(?:^| )(experts|shared)\.([^.]+)/.exec(row) ?? [];
  const within = projection ? PROJECTION_ORDER.indexOf(projection) + 1 || 9 : 0;
  return MODULES.indexOf(module) * 100 + (shared === 'shared' ? 50 : 0) + within;
}

/**
 * A grid, and the places in the list of each cell's tensors.
 * @typedef {{ count: number, grid: Grid, places: Map<Cell, number[]> }} Arranged
 */

/** @type {WeakMap<Tensor[], Arranged>} */
const known = new WeakMap();
/**
 * The list that was arranged last: other runs of a report have tensors of the same names.
 * @type {WeakRef<Tensor[]> | null}
 */
let last = null;

/**
 * Whether two lists name the same tensors in the same order.
 * @param {Tensor[]} a
 * @param {Tensor[]} b
 */
const haveSameNames = (a, b) =>
  a.length === b.length &&
  a.every(
    ({ name, layer, module, shape }, i) =>
      name === b[i].name &&
      layer === b[i].layer &&
      module === b[i].module &&
      shape?.length === b[i].shape?.length,
  );

/**
 * Tensors by layer and module; `outside` are those without a layer. What was found is kept for
 * the list that it is of.
 * @param {Tensor[]} tensors
 * @returns {Grid}
 */
export function arrangeCells(tensors) {
  const before = known.get(tensors);
  if (before?.count === tensors.length) return before.grid;
  const other = last?.deref();
  const same = other && haveSameNames(other, tensors) ? known.get(other) : undefined;
  if (same?.count === tensors.length) {
    const grid = fillGrid(same, tensors);
    known.set(tensors, { ...same, grid });
    return grid;
  }
  const arranged = findCells(tensors);
  known.set(tensors, arranged);
  last = new WeakRef(tensors);
  return arranged.grid;
}

/**
 * The grid of a list whose tensors are called as those of another.
 * @param {Arranged} other
 * @param {Tensor[]} tensors
 * @returns {Grid}
 */
function fillGrid({ grid, places }, tensors) {
  /** @param {Cell} cell */
  const fill = (cell) => ({
    ...cell,
    tensors: (places.get(cell) ?? []).map((place) => tensors[place]),
  });
  return { ...grid, cells: grid.cells.map(fill), outside: grid.outside.map(fill) };
}

/**
 * @param {Tensor[]} tensors
 * @returns {Arranged}
 */
function findCells(tensors) {
  const nameOther = nameRows(
    tensors.filter((tensor) => inLayer(tensor) && !findExpert(tensor.name)),
  );
  /** @type {Map<string, Map<number, Cell>>} */
  const cells = new Map();
  /** @type {Map<string, Row & { order: number }>} */
  const rows = new Map();
  /** @type {Cell[]} */
  const outside = [];
  /** @type {Cell[]} */
  const inside = [];
  /** @type {Map<Cell, number[]>} */
  const places = new Map();
  tensors.forEach((tensor, i) => {
    const { layer } = tensor;
    if (layer === null || layer === undefined) {
      const module = tensor.name.replace(/\.weight$/, '').replace(/^model\./, '');
      const cell = { layer: null, module, tensors: [tensor] };
      outside.push(cell);
      places.set(cell, [i]);
      return;
    }
    const expert = findExpert(tensor.name);
    const module = expert?.row ?? nameOther(tensor);
    const row = cells.get(module) ?? new Map();
    cells.set(module, row);
    const cell = row.get(layer);
    if (cell) {
      cell.tensors.push(tensor);
      places.get(cell)?.push(i);
    } else {
      const first = { layer, module, tensors: [tensor] };
      row.set(layer, first);
      inside.push(first);
      places.set(first, [i]);
    }
    if (!rows.has(module))
      rows.set(module, {
        module,
        matrix: isMatrix(tensor),
        experts: Boolean(expert),
        order: orderOf(tensor, module),
      });
  });
  const layers = new Set(inside.map(({ layer }) => layer ?? 0));
  const ordered = [...rows.values()].sort((a, b) => a.order - b.order);
  const grid = {
    layers: [...layers].sort((a, b) => a - b),
    modules: ordered.map(({ module }) => module),
    rows: ordered.map(({ order: _, ...row }) => row),
    cells: inside,
    outside,
  };
  return { count: tensors.length, grid, places };
}
