// Lists that filters keep, each found once.
import { offerFilters } from './filter.js';
import { parseFilter } from './parse-filter.js';

/** @import { Tensor } from './model.js' */
/** @import { Named } from './filter.js' */

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
 * The tensors that a filter keeps: the same list for the same filter.
 * @param {Named[]} tensors
 * @param {string} text
 * @param {number} alpha
 * @returns {Named[]}
 */
function filterTensors(tensors, text, alpha) {
  const all = keptOf(tensors);
  const key = `${alpha} ${text}`;
  const kept = all.get(key) ?? applyFilter(tensors, text, alpha);
  all.delete(key);
  all.set(key, kept);
  const [oldest] = all.keys();
  if (all.size > MOST_FILTERS) all.delete(oldest);
  return kept;
}

/**
 * @param {Named[]} tensors
 * @param {string} text
 * @param {number} alpha
 */
function applyFilter(tensors, text, alpha) {
  const { keeps } = parseFilter(text);
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

offerFilters({
  filterTensors,
  filterLike: (tensors, focus, text, alpha) =>
    tensors === focus || !HAS_LIMIT.test(text)
      ? filterTensors(tensors, text, alpha)
      : follow(tensors, filterTensors(focus, text, alpha)),
});
