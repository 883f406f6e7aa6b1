// Elements without a framework.

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
