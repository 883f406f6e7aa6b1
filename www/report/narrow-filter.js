// A cell of many tensors opens the table, filtered for them.
import { findExpert, shortName } from './module-names.js';

/** @import { Cell } from './grid.js' */

/**
 * The filter of the tensors of a cell of many, in the words of the table's filter.
 * @param {Cell} cell
 */
export function filterOf({ layer, tensors: [first] }) {
  const words = findExpert(first.name)?.words ?? [shortName(first.name).replace(/\[\d+\]$/, '[')];
  return [`layer:${layer}`, ...words].join(' ');
}

/** Words that choose a layer, a kind of module or a projection: a cell sets these itself. */
const PLACED = /^(?:layer:|module:|\.)|experts|\[$/;

/**
 * A reader's filter narrowed to a cell of many: its own words in place of those of another cell,
 * and all others kept.
 * @param {string} filter
 * @param {Cell} cell
 */
export function narrowTo(filter, cell) {
  const kept = filter.split(/\s+/).filter((word) => word && !PLACED.test(word));
  return [...kept, filterOf(cell)].join(' ');
}
