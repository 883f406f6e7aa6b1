// Redrawing: the page has few views, and each is redrawn whole.
import { h } from './elements.js';

/** @import { Child } from './elements.js' */

/**
 * How an element is found again after its view was redrawn: by its `data-key` or id, else as the
 * current one.
 * @param {Element} element
 */
export function selectorOf(element) {
  const key = element.getAttribute('data-key');
  if (key !== null) return `[data-key="${CSS.escape(key)}"]`;
  return element.id ? `#${CSS.escape(element.id)}` : '[aria-current]';
}

/** @param {Element} container */
const scrollersOf = (container) => [
  container.closest('.scroll'),
  ...container.querySelectorAll('.scroll, .heat-scroll'),
];

/**
 * Redraws with the keyboard's place kept, where in a text it was, and how far each region was
 * scrolled.
 * @param {Element} container
 * @param {() => void} redraw
 */
export function redrawKeepingFocus(container, redraw) {
  // Inside a custom element, the document's active element is the element itself.
  const place = /** @type {Document | ShadowRoot} */ (container.getRootNode());
  const { activeElement } = place;
  const active = activeElement && container.contains(activeElement) ? activeElement : null;
  const caret =
    active instanceof HTMLInputElement && ['text', 'search'].includes(active.type)
      ? [active.selectionStart, active.selectionEnd]
      : null;
  const places = scrollersOf(container).map((scroller) => [
    scroller?.scrollLeft ?? 0,
    scroller?.scrollTop ?? 0,
  ]);
  redraw();
  scrollersOf(container).forEach((scroller, i) => {
    const [left, top] = places[i] ?? [0, 0];
    // Where nothing was scrolled, the page is not laid out for it.
    if (left || top) scroller?.scrollTo(left, top);
  });
  // What was not drawn anew has kept it.
  if (!active || place.activeElement === active) return;
  /** @type {HTMLElement | null} */
  const again = container.querySelector(selectorOf(active));
  if (again === place.activeElement) return;
  again?.focus({ preventScroll: true });
  if (caret && again instanceof HTMLInputElement) again.setSelectionRange(caret[0], caret[1]);
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
 * Runs steps in order, each in a task of its own; asked again, it drops those that are left.
 * @returns {{ run: (steps: (() => void)[]) => void, isRunning: () => boolean }}
 */
export function stepByStep() {
  /** @type {(() => void)[]} */
  let left = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const next = () => {
    const [step, ...others] = left;
    left = others;
    timer = others.length ? setTimeout(next) : undefined;
    step?.();
  };
  return {
    run(steps) {
      clearTimeout(timer);
      left = steps;
      timer = setTimeout(next);
    },
    isRunning: () => timer !== undefined,
  };
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
