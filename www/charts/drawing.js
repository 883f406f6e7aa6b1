// The frame of a chart that is drawn by hand.
import { s } from '../dom/svg.js';

/** @import { Child } from '../dom/elements.js' */

/**
 * A drawing of its own size, whose marks are read one by one.
 * @param {{ class: string, width: number, height: number, label: string }} drawing `label` says in
 * words what it shows.
 * @param {Child[]} children
 */
export const drawing = ({ class: name, width, height, label }, ...children) =>
  s(
    'svg',
    {
      class: name,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': label,
    },
    ...children,
  );
