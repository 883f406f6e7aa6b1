// The table of figures, which the analyser writes: what a figure is called, where a report has it,
// and what it is read against. Nothing here names a figure.
import table from '../../docs/figures.json' with { type: 'json' };

/** @import { Figure, FigureTable } from './figure-table.d.ts' */

// Words of a JSON file are strings to the type checker; crate/src/figures/registry/ has the types.
const { figures, groups, sources } = /** @type {FigureTable} */ (/** @type {unknown} */ (table));

/** All figures, in the order of the table. */
export const FIGURES = figures;

/** Headings under which figures stand, by their ids, in order. */
export const HEADINGS = new Map(groups.map(({ id, label }) => [id, label]));

/** Papers by the short name under which they are cited. */
export const SOURCES = sources;

/**
 * The row of a figure.
 * @param {string} id
 * @returns {Figure}
 */
export function findFigure(id) {
  const found = FIGURES.find((figure) => figure.id === id);
  if (!found) throw new Error(`docs/figures.json has no figure ${id}`);
  return found;
}
