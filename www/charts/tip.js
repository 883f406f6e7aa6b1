// A tip beside what is under the pointer, has the focus or was tapped. It repeats what the part's
// own label says, so that it is not read out.
import { h, replace } from '../dom/elements.js';

/** @import { Child } from '../dom/elements.js' */

/** The tip stays this far from what it is of, and from the edges. */
const GAP = 8;

/**
 * @typedef {object} Tips
 * @property {HTMLElement} place Holds the chart and the tip.
 * @property {(target: Element, content: () => Child[]) => void} on Gives a part of the chart its
 * tip.
 */

/**
 * @param {Element} chart
 * @param {string} name The class of the tip; that of its place is the same with `-place`.
 * @returns {Tips}
 */
export function withTips(chart, name) {
  const tip = h('div', { class: name, 'aria-hidden': 'true', hidden: true });
  const place = h('div', { class: `${name}-place` }, chart, tip);
  /** @type {Element | null} */
  let shown = null;
  const hide = () => {
    shown = null;
    tip.hidden = true;
  };
  /** @param {Element} target @param {Child[]} content */
  const show = (target, content) => {
    shown = target;
    replace(tip, content);
    tip.hidden = false;
    const [frame, part] = [place.getBoundingClientRect(), target.getBoundingClientRect()];
    const middle = part.left - frame.left + part.width / 2;
    const most = frame.width - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(most, middle - tip.offsetWidth / 2))}px`;
    const below = part.bottom - frame.top + GAP;
    const above = part.top - frame.top - tip.offsetHeight - GAP;
    const fits = part.bottom + GAP + tip.offsetHeight <= innerHeight;
    tip.style.top = `${fits || part.top - tip.offsetHeight < GAP ? below : above}px`;
  };
  place.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !shown) return;
    event.stopPropagation();
    hide();
  });
  return {
    place,
    on: (target, content) => {
      const open = () => show(target, content());
      const close = () => shown === target && hide();
      target.addEventListener('pointerenter', open);
      target.addEventListener('focus', open);
      target.addEventListener('pointerleave', (event) => {
        // A finger that is lifted leaves too; its tip stays until another place is touched.
        if (/** @type {PointerEvent} */ (event).pointerType !== 'touch') close();
      });
      target.addEventListener('blur', close);
    },
  };
}
