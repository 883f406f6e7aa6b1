// Elements without a framework: the page has few views, and each is redrawn whole.

/**
 * `h('button', { class: 'x', onclick }, 'text', child)`; null, undefined and false children are
 * skipped.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key in element && !key.startsWith('aria') && typeof value !== 'string')
      element[key] = value;
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

export const replace = (element, ...children) =>
  element.replaceChildren(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );

/** A tensor's name that may break behind its dots, and within long parts behind their strokes. */
export const breakable = (name) =>
  name
    .split(/(?<=\.)/)
    .flatMap((part) => (part.length > 18 ? part.split(/(?<=_)/) : [part]))
    .flatMap((part) => [part, h('wbr')]);

/** Hands text over as a file. */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h('a', { href: url, download: name });
  link.click();
  // The browser reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

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

const unfolded = new Set();

/**
 * A fold that stays as the reader left it when its view is redrawn for another tensor, run or
 * theme.
 */
export const fold = (key, summary, ...children) =>
  h(
    'details',
    {
      open: unfolded.has(key),
      ontoggle: ({ target }) => (target.open ? unfolded.add(key) : unfolded.delete(key)),
    },
    h('summary', {}, summary),
    children,
  );

/** Scrolls to an element, at once where the user asked for less motion. */
export function bringIntoView(id, block) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById(id)?.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block });
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
