// The tensors that a filter keeps. What reads its words and keeps what it found (filter-lists.js)
// stands apart, since most figures on other people's pages have no filter.

/** @import { Tensor } from './model.js' */

/** @typedef {Pick<Tensor, 'name' | 'module' | 'dtype' | 'layer'>} Named */

/**
 * What applies filters.
 * @typedef {object} Filters
 * @property {(tensors: Named[], text: string, alpha: number) => Named[]} filterTensors
 * @property {(tensors: Named[], focus: Named[], text: string, alpha: number) => Named[]} filterLike
 */

/** @type {Filters | null} */
let filters = null;

/**
 * Says what applies filters; filter-lists.js does so where it is loaded.
 * @param {Filters} given
 */
export function offerFilters(given) {
  filters = given;
}

/** @returns {Filters} */
function loaded() {
  if (!filters) throw new Error('A filter was set before what reads it was loaded.');
  return filters;
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
export const filterLike = (tensors, focus, text, alpha = 0) =>
  text.trim() ? /** @type {Row[]} */ (loaded().filterLike(tensors, focus, text, alpha)) : tensors;

/**
 * The tensors that a filter keeps: the same list for the same filter, so that what was found of it
 * is found again.
 * @template {Named} Row
 * @param {Row[]} tensors
 * @param {string} text
 * @param {number} [alpha] The place of the α that limits of masks are about.
 * @returns {Row[]}
 */
export const filterTensors = (tensors, text, alpha = 0) =>
  text.trim() ? /** @type {Row[]} */ (loaded().filterTensors(tensors, text, alpha)) : tensors;
