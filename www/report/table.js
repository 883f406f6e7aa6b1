// The table of tensors: its columns, its order, and what of it is copied.
import { asRead } from './as-read.js';
import { shape } from './format.js';
import { hasBase } from './listed.js';
import { availableMetrics } from './metrics.js';
import './filter-lists.js';
import { timesRandom } from './parse-filter.js';

/** @import { Report, Tensor } from './model.js' */
/** @import { Format } from './format.js' */
/** @import { Metric } from './metrics.js' */

export { filterTensors } from './filter.js';
export { describeProblems, parseFilter, timesRandom } from './parse-filter.js';

/** @typedef {string | number | null | undefined} Key */

/**
 * A column: what tells a tensor, or a metric.
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label
 * @property {string} about
 * @property {Metric | null} metric
 * @property {(tensor: Tensor, alpha: number) => Key} value By which the table is sorted.
 */

/** @param {Key} key */
const isMissing = (key) => key === null || key === undefined;

/**
 * A text that sorts as a reader counts: `l.2` before `l.10`. Comparing by a locale would take
 * longer than a click may.
 * @param {string} text
 */
const toSortable = (text) =>
  text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(9, '0'));

/**
 * @param {string | number} a
 * @param {string | number} b
 */
const compareKeys = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A copy in order; what has no value comes last in both directions, ties keep their order.
 * @template Row
 * @param {Row[]} rows
 * @param {(row: Row) => Key} value
 * @param {boolean} descending
 */
export function sortRows(rows, value, descending) {
  const sign = descending ? -1 : 1;
  return rows
    .map((row, place) => {
      const key = value(row);
      return { row, place, key: typeof key === 'string' ? toSortable(key) : key };
    })
    .sort((a, b) => {
      if (isMissing(a.key) || isMissing(b.key))
        return Number(isMissing(a.key)) - Number(isMissing(b.key)) || a.place - b.place;
      return (
        sign * compareKeys(/** @type {string | number} */ (a.key), b.key ?? '') || a.place - b.place
      );
    })
    .map(({ row }) => row);
}

/** @type {Column[]} */
const OWN = [
  { id: 'layer', label: 'Layer', about: '', metric: null, value: ({ layer }) => layer },
  { id: 'name', label: 'Tensor', about: '', metric: null, value: ({ name }) => name },
  { id: 'module', label: 'Module', about: '', metric: null, value: ({ module }) => module },
  {
    id: 'shape',
    label: 'Shape',
    about: 'Sorted by the number of weights',
    metric: null,
    value: ({ parameters }) => parameters,
  },
];

/** So many metrics stand side by side on a usual screen. */
const USUAL_METRICS = 6;

/**
 * The metrics that the table shows where the reader chose none: the one in focus, then those of the
 * first rank.
 * @param {Report} report
 * @param {string} focus
 */
export function usualMetrics(report, focus) {
  const page = hasBase(report) ? 'column' : 'column_without_base';
  const present = availableMetrics(report);
  return [
    ...present.filter(({ id }) => id === focus),
    ...present.filter((metric) => metric.page === page && metric.id !== focus),
  ]
    .slice(0, USUAL_METRICS)
    .map(({ id }) => id);
}

/**
 * @param {Report} report
 * @param {string[]} ids Of metrics.
 * @returns {Column[]}
 */
export function listColumns(report, ids) {
  const present = availableMetrics(report);
  const chosen = ids.flatMap((id) => present.filter((metric) => metric.id === id));
  return [
    ...OWN,
    ...chosen.map(asRead).map((metric) => ({
      id: metric.id,
      label: metric.label,
      about: metric.about,
      metric,
      value: metric.value,
    })),
  ];
}

/** A name up to its layer's number. */
const IN_LAYER = /^(.*?\.)(\d+)\.(.+)$/;

/** @type {WeakMap<Tensor[], string>} */
const prefixes = new WeakMap();

/**
 * What the names of most tensors of layers begin with: `model.layers.`.
 * @param {Tensor[]} tensors
 */
function commonPrefix(tensors) {
  const known = prefixes.get(tensors);
  if (known !== undefined) return known;
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { name, layer } of tensors) {
    const [, prefix] = (typeof layer === 'number' && IN_LAYER.exec(name)) || [];
    if (prefix) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  const [most = ''] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  prefixes.set(tensors, most);
  return most;
}

/**
 * A tensor's name without what the Layer column says: `model.layers.0.mlp.up_proj.weight` in layer
 * 0 is `mlp.up_proj.weight`. Names that begin otherwise stay whole, so that no two look the same.
 * @param {Tensor} tensor
 * @param {Tensor[]} tensors All of the run.
 */
export function foldName({ name, layer }, tensors) {
  const prefix = commonPrefix(tensors);
  const start = `${prefix}${layer}.`;
  return prefix && name.startsWith(start) ? name.slice(start.length) : name;
}

/**
 * The table as data for who writes it elsewhere: full names, values with all digits, and beside
 * each metric that has a random level how many times that the value is.
 * @param {Column[]} columns
 * @param {Tensor[]} tensors
 * @param {number} alpha
 * @returns {{ columns: { label: string, format?: Format }[], rows: (string | number | null)[][] }}
 */
export function tableData(columns, tensors, alpha) {
  return {
    columns: columns.flatMap(({ label, metric }) => [
      { label, format: metric?.format ?? String },
      ...(metric?.chance ? [{ label: `${label}, × random` }] : []),
    ]),
    rows: tensors.map((tensor) =>
      columns.flatMap(({ id, value, metric }) => [
        (id === 'shape' ? shape(tensor.shape) : value(tensor, alpha)) ?? null,
        ...(metric?.chance ? [timesRandom(metric, tensor, alpha)] : []),
      ]),
    ),
  };
}
