// Sorting and filtering of the table.

/** @import { Tensor } from './model.js' */

/** @typedef {string | number | null | undefined} Key */

/** @param {Key} key */
const isMissing = (key) => key === null || key === undefined;

/**
 * @param {Key} a
 * @param {Key} b
 */
const compareKeys = (a, b) =>
  typeof a === 'string'
    ? a.localeCompare(String(b), 'en', { numeric: true })
    : Number(a) - Number(b);

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
    .map((row, place) => ({ row, place, key: value(row) }))
    .sort((a, b) => {
      if (isMissing(a.key) || isMissing(b.key))
        return Number(isMissing(a.key)) - Number(isMissing(b.key)) || a.place - b.place;
      return sign * compareKeys(a.key, b.key) || a.place - b.place;
    })
    .map(({ row }) => row);
}

/**
 * All words must occur in the name, module or dtype; `layer:3` and `layer:2-5` name layers,
 * `layer:none` what stands outside them, `module:q` the kind of module.
 * @template {Pick<Tensor, 'name' | 'module' | 'dtype' | 'layer'>} Row
 * @param {Row[]} tensors
 * @param {string} text
 */
export function filterTensors(tensors, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return tensors.filter(({ name, module, dtype, layer }) =>
    words.every((word) => {
      if (word === 'layer:none') return layer === null || layer === undefined;
      if (word.startsWith('module:')) return module === word.slice('module:'.length);
      const layers = /^layer:(\d+)(?:-(\d+))?$/.exec(word);
      if (layers)
        return (
          layer !== null &&
          layer !== undefined &&
          layer >= Number(layers[1]) &&
          layer <= Number(layers[2] ?? layers[1])
        );
      return `${name} ${module} ${dtype}`.toLowerCase().includes(word);
    }),
  );
}
