// A part of the page that is drawn for a state, now or when it comes into the page.
import { store } from '../../app/state.js';
import { afterReport } from '../../dom/redraw.js';

/** @import { State } from '../../app/state.js' */

/**
 * `keys` are what it depends on; `draw` fills the element anew.
 * @typedef {{ element: HTMLElement, keys: (keyof State)[], draw: (state: State) => unknown }} Part
 */

/**
 * A part that always stands in the page: its element, redrawn whenever one of its keys changes.
 * @param {Part} part
 */
export function keepDrawn({ element, keys, draw }) {
  store.watch(keys, afterReport(draw));
  return element;
}
