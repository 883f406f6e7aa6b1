// Marks of a heatmap that its parts share: boxes of cells, frames around them, the hatch.
import { s } from '../dom/svg.js';

/** @import { HeatLayout } from './heat-layout.js' */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * @typedef {object} HeatCell
 * @property {number} row
 * @property {number} column
 * @property {number | null} step Of the map; null for a cell without a value.
 * @property {string} text What stands in it, where there is room.
 * @property {[number, number] | null} spread Where the tensors of the cell lie along the colours:
 * parts of the scale's length.
 * @property {string} key Finds it again after a redraw.
 * @property {boolean} selected
 * @property {boolean} faded Whether it lies outside what the reader filtered.
 * @property {() => string[]} describe Its name and what is known of it.
 * @property {() => void} open
 */

let patterns = 0;

/** An id that no other hatch has. */
export const nameHatch = () => `no-value-${(patterns += 1)}`;

/**
 * Cells that have no value are hatched: empty would look like the lowest one.
 * @param {string} id
 */
export const hatch = (id) =>
  s(
    'defs',
    {},
    s(
      'pattern',
      { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      s('rect', { width: 6, height: 6, fill: 'var(--panel)' }),
      s('rect', { width: 1.2, height: 6, fill: 'var(--line-strong)' }),
    ),
  );

/**
 * The box of a cell.
 * @param {{ row: number, column: number }} cell
 * @param {HeatLayout} layout
 * @returns {Box}
 */
export const boxOf = ({ row, column }, { xs, ys, cellWidth, cellHeight }) => ({
  x: xs[column] + 0.5,
  y: ys[row] + 0.5,
  width: cellWidth - 1,
  height: cellHeight - 1,
});

/**
 * A frame that is seen on every colour: light within dark.
 * @param {Box} box
 * @param {string} name Its class.
 */
export const ring = ({ x, y, width, height }, name) =>
  s(
    'g',
    { class: name, 'aria-hidden': 'true' },
    s('rect', { x: x - 1, y: y - 1, width: width + 2, height: height + 2, class: 'outer' }),
    s('rect', {
      x: x + 1,
      y: y + 1,
      width: Math.max(1, width - 2),
      height: Math.max(1, height - 2),
      class: 'inner',
    }),
  );
