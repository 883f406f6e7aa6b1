// Elements without a framework.

/**
 * What stands in an element; null, undefined and false are skipped.
 * @typedef {Node | string | number | false | null | undefined | Child[]} Child
 */

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
const flatten = (children) =>
  children.flatMap((child) => {
    if (Array.isArray(child)) return flatten(child);
    if (child === null || child === undefined || child === false) return [];
    return [typeof child === 'number' ? String(child) : child];
  });

/**
 * An element: `h('button', { class: 'x', onclick }, 'text', child)`. Listeners are named `on…`;
 * what the element has as a property is set as one unless it is text, all else as an attribute.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any> | null} [props]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    // As text of an attribute, a strict policy of the page around would refuse it.
    else if (key === 'style') element.style.cssText = value;
    else if (key in element && !key.startsWith('aria') && typeof value !== 'string')
      Object.assign(element, { [key]: value });
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...flatten(children));
  return element;
}

/**
 * Sets what stands in an element.
 * @param {Element} element
 * @param {Child[]} children
 */
export const replace = (element, ...children) => element.replaceChildren(...flatten(children));

/**
 * A tensor's name that may break behind its dots, and within long parts behind their underscores.
 * @param {string} name
 */
export const breakable = (name) =>
  name
    .split(/(?<=\.)/)
    .flatMap((part) => (part.length > 18 ? part.split(/(?<=_)/) : [part]))
    .flatMap((part) => [part, h('wbr')]);

/** @type {Set<string>} */
const unfolded = new Set();

/**
 * A fold that stays as the reader left it when its view is redrawn for another tensor, run or
 * theme.
 * @param {string} key
 * @param {Child} summary
 * @param {Child[]} children
 */
export function fold(key, summary, ...children) {
  const details = h(
    'details',
    {
      open: unfolded.has(key),
      ontoggle: () => (details.open ? unfolded.add(key) : unfolded.delete(key)),
    },
    h('summary', {}, summary),
    children,
  );
  return details;
}
