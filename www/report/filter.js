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

/** A filter that sets a limit of a value, which differs from run to run. */
const HAS_LIMIT = /[<>=≥≤]/;

/**
 * What follows a kept list in the list of another run.
 * @typedef {{ kept: Named[], count: number, list: Named[] }} Follower
 */

/** @type {WeakMap<Named[], Follower[]>} */
const followers = new WeakMap();

/**
 * Those of a list that are called as one of the kept: the same list again for the same two.
 * @param {Named[]} tensors
 * @param {Named[]} kept
 */
function follow(tensors, kept) {
  const known = followers.get(tensors) ?? [];
  const found = known.find((one) => one.kept === kept && one.count === tensors.length);
  if (found) return found.list;
  const names = new Set(kept.map(({ name }) => name));
  const list = tensors.filter(({ name }) => names.has(name));
  const follower = { kept, count: tensors.length, list };
  followers.set(tensors, [...known, follower].slice(-MOST_FILTERS));
  return list;
}
/**
 * The tensors of a run that a filter keeps. Limits of values are decided by the run in focus, so
 * that all runs are of the same tensors.
 * @template {Named} Row
 * @param {Row[]} tensors
 * @param {Row[]} focus Those of the run in focus.
 * @param {string} text
 * @param {number} [alpha]
 * @returns {Row[]}
 */
export const filterLike = (tensors, focus, text, alpha) =>
  tensors === focus || !HAS_LIMIT.test(text)
    ? filterTensors(tensors, text, alpha)
    : /** @type {Row[]} */ (follow(tensors, filterTensors(focus, text, alpha)));

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
