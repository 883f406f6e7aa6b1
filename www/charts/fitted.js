// A chart as wide as its place, so that its text keeps its size: drawn anew when the width changes.
import { h } from '../dom/elements.js';
import { letFollow } from './follow.js';
import { createTip } from './chart-tip.js';

/** @import { Plot } from '@observablehq/plot' */
/** @import { Stop } from './follow.js' */

/** @typedef {SVGSVGElement & Plot} Drawing */

const [LEAST, MOST] = [250, 560];
/** The width of the chart that was measured last: the next one is likely to be as wide. */
let expected = 420;

/** What all charts share; text is 12 px, whatever the width. */
export const FRAME = {
  height: 216,
  marginLeft: 54,
  marginRight: 14,
  marginTop: 24,
  marginBottom: 38,
  className: 'plot',
  style: {
    fontSize: '12px',
    fontFamily: 'system-ui, sans-serif',
    color: 'var(--text)',
    maxWidth: '100%',
    height: 'auto',
  },
};

/**
 * A name needs a role: Plot names the groups of its marks, which have none.
 * @param {Element} svg
 */
function giveRoles(svg) {
  if (!svg.hasAttribute('role')) svg.setAttribute('role', 'group');
  for (const group of svg.querySelectorAll('g[aria-label]:not([role])'))
    group.setAttribute('role', 'group');
}

/**
 * @param {(width: number) => Element} draw By Plot, without a figure around it.
 * @param {(drawing: Drawing) => Stop[]} [stopsOf] Where the pointer and the keys stop.
 */
export function fitted(draw, stopsOf) {
  const tip = createTip();
  const place = h('div', { class: 'fitted' });
  place.style.position = 'relative';
  let width = expected;
  const redraw = () => {
    const drawing = /** @type {Drawing} */ (draw(width));
    giveRoles(drawing);
    const hadFocus = place.firstElementChild === drawing.ownerDocument.activeElement;
    place.replaceChildren(drawing, tip.element);
    if (stopsOf) letFollow(drawing, place, tip, stopsOf(drawing));
    if (hadFocus) drawing.focus();
  };
  redraw();
  new ResizeObserver(() => {
    const room = Math.min(MOST, Math.max(LEAST, Math.floor(place.clientWidth)));
    if (!place.clientWidth || room === width) return;
    width = room;
    expected = room;
    redraw();
  }).observe(place);
  return place;
}
