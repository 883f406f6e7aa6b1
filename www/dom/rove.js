// Many parts, one stop of the Tab key: arrows move among them.

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * Makes parts that can be chosen reachable: one by Tab, the others by arrows, Home and End; Enter
 * and Space choose.
 * @param {(HTMLElement | SVGElement)[]} parts In order.
 * @param {number} current The one that Tab reaches.
 */
export function rove(parts, current) {
  const stop = Math.max(0, Math.min(parts.length - 1, current));
  parts.forEach((part, i) => part.setAttribute('tabindex', i === stop ? '0' : '-1'));
  /** @param {number} to */
  const focus = (to) => {
    const next = parts[Math.max(0, Math.min(parts.length - 1, to))];
    for (const part of parts) part.setAttribute('tabindex', part === next ? '0' : '-1');
    next.focus({ preventScroll: true });
    next.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  };
  parts.forEach((part, i) =>
    part.addEventListener('keydown', (event) => {
      const { key, altKey, ctrlKey, metaKey } = /** @type {KeyboardEvent} */ (event);
      if (altKey || ctrlKey || metaKey) return;
      if (key === 'Enter' || key === ' ') part.dispatchEvent(new MouseEvent('click'));
      else if (key in STEPS) focus(i + STEPS[key]);
      else if (key === 'Home') focus(0);
      else if (key === 'End') focus(parts.length - 1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }),
  );
}
