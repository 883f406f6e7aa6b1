// Redrawing: the page has few views, and each is redrawn whole.
import { h } from './elements.js';

/** @import { Child } from './elements.js' */

/**
 * Redraws with the keyboard's place kept: the element that had the focus is found again by its
 * `data-key`, or as the current one.
 * @param {Element} container
 * @param {() => void} redraw
 */
export function redrawKeepingFocus(container, redraw) {
  // Inside a custom element, the document's active element is the element itself.
  const { activeElement } = /** @type {Document | ShadowRoot} */ (container.getRootNode());
  const active = activeElement && container.contains(activeElement) ? activeElement : null;
  const scroller = container.closest('.scroll');
  const [left, top] = [scroller?.scrollLeft ?? 0, scroller?.scrollTop ?? 0];
  redraw();
  scroller?.scrollTo(left, top);
  if (!active) return;
  const key = active.getAttribute('data-key');
  /** @type {HTMLElement | null} */
  const again =
    key === null
      ? container.querySelector('[aria-current]')
      : container.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus({ preventScroll: true });
}

/**
 * Draws a part in a task of its own after what stands around it: a click is answered before all of
 * it is there.
 * @param {() => Child} make
 */
export function drawSoon(make) {
  const place = h('div', { class: 'later' });
  setTimeout(() => {
    if (!place.isConnected) return;
    const made = h('div', {}, make());
    place.replaceWith(...made.childNodes);
  });
  return place;
}

/**
 * Draws a new report's view in a task of its own, so that no single one holds the page; later
 * changes at once.
 * @template {{ report: unknown }} State
 * @param {(state: State) => unknown} draw
 * @returns {(state: State) => unknown}
 */
export function afterReport(draw) {
  /** @type {unknown} */
  let seen = null;
  return (state) => {
    if (state.report === seen) return draw(state);
    seen = state.report;
    return setTimeout(() => draw(state));
  };
}
