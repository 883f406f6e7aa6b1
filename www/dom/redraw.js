// Redrawing: the page has few views, and each is redrawn whole.
import { h } from './elements.js';

/**
 * Redraws with the keyboard's place kept: what had the focus is found again by its `data-key`, or
 * as the current one.
 */
export function redrawn(container, redraw) {
  const active = container.contains(document.activeElement) ? document.activeElement : null;
  const scroller = container.closest('.scroll');
  const [left, top] = [scroller?.scrollLeft ?? 0, scroller?.scrollTop ?? 0];
  redraw();
  scroller?.scrollTo(left, top);
  if (!active) return;
  const key = active.getAttribute('data-key');
  const again =
    key === null
      ? container.querySelector('[aria-current]')
      : container.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus({ preventScroll: true });
}

/**
 * What `make` gives, drawn in a task of its own after what stands around it: a click is answered
 * before all of it is there.
 */
export function soon(make) {
  const place = h('div', { class: 'later' });
  setTimeout(
    () => place.isConnected && place.replaceWith(...[make()].flat(Infinity).filter(Boolean)),
  );
  return place;
}

/**
 * Draws a new report's view in a task of its own, so that no single one holds the page; later
 * changes at once.
 */
export function afterReport(draw) {
  let seen = null;
  return (state) => {
    if (state.report === seen) return draw(state);
    seen = state.report;
    return setTimeout(() => draw(state));
  };
}
