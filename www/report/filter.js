// The tensors that a filter keeps. What reads its words (parse-filter.js) stands apart, since most
// figures on other people's pages have none.

/** @import { Tensor } from './model.js' */

/** @typedef {Pick<Tensor, 'name' | 'module' | 'dtype' | 'layer'>} Named */
/** @typedef {(tensor: Tensor, alpha: number) => boolean} Test */

/**
 * @typedef {object} Filter
 * @property {Test} keeps
 * @property {string[]} problems What is wrong with parts of the text, which then say nothing.
 */

/** @type {((text: string) => Filter) | null} */
let parse = null;

/**
 * Says what reads filters; parse-filter.js does so where it is loaded.
 * @param {(text: string) => Filter} given
 */
export function offerParser(given) {
  parse = given;
}

/** Of so many filters of a list, what they keep is known: panels leave out different words. */
const MOST_FILTERS = 6;

/** @type {WeakMap<Named[], { count: number, kept: Map<string, Named[]> }>} */
const lists = new WeakMap();

/**
 * What filters kept of a list, the latest last. A list that has grown begins anew.
 * @param {Named[]} tensors
 */
function keptOf(tensors) {
  const known = lists.get(tensors);
  if (known?.count === tensors.length) return known.kept;
  /** @type {Map<string, Named[]>} */
  const kept = new Map();
  lists.set(tensors, { count: tensors.length, kept });
  return kept;
}

/**
 * @param {Named[]} tensors
 * @param {string} text
 * @param {number} alpha
 */
function applyFilter(tensors, text, alpha) {
  if (!parse) throw new Error('A filter was set before what reads it was loaded.');
  const { keeps } = parse(text);
  return tensors.filter((row) => keeps(/** @type {Tensor} */ (row), alpha));
}

/**
 * The tensors that a filter keeps: the same list for the same filter, so that what was found of it
 * is found again.
 * @template {Named} Row
 * @param {Row[]} tensors
 * @param {string} text
 * @param {number} [alpha] The place of the α that limits of masks are about.
 * @returns {Row[]}
 */
export function filterTensors(tensors, text, alpha = 0) {
  if (!text.trim()) return tensors;
  const all = keptOf(tensors);
  const key = `${alpha} ${text}`;
  const kept = all.get(key) ?? applyFilter(tensors, text, alpha);
  all.delete(key);
  all.set(key, kept);
  const [oldest] = all.keys();
  if (all.size > MOST_FILTERS) all.delete(oldest);
  return /** @type {Row[]} */ (kept);
}
