// The attributes of <gate-scope>, each a property of the same name, too.

/** All of them. */
export const ATTRIBUTES = /** @type {const} */ ([
  'src',
  'figure',
  'metric',
  'run',
  'tensor',
  'alpha',
  'filter',
  'arrangement',
  'theme',
  'loading',
  'poster',
]);

/**
 * Makes each attribute a property of a class's elements.
 * @param {HTMLElement} prototype
 */
export function reflectAttributes(prototype) {
  for (const name of ATTRIBUTES)
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      /** @this {HTMLElement} */
      get() {
        return this.getAttribute(name);
      },
      /**
       * @this {HTMLElement}
       * @param {unknown} value
       */
      set(value) {
        if (value === null || value === undefined) this.removeAttribute(name);
        else this.setAttribute(name, String(value));
      },
    });
}

/**
 * Sets anew what was set before the element was defined: it hides the property of the class.
 * @param {HTMLElement} element
 */
export function upgradeProperties(element) {
  const host = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (element));
  for (const name of [...ATTRIBUTES, 'report'])
    if (Object.hasOwn(element, name)) {
      const value = host[name];
      delete host[name];
      host[name] = value;
    }
}
