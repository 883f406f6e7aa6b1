// A tip beside a part of a chart that is under the pointer, has the focus or was tapped.
import { h } from '../dom/elements.js';
import { createTip } from './chart-tip.js';

/** @import { Child } from '../dom/elements.js' */

/**
 * @typedef {object} PartTips
 * @property {HTMLElement} place Holds the chart and the tip.
 * @property {(target: Element, content: () => Child[]) => void} on Gives a part of the chart its
 * tip.
 */

/**
 * @param {Element} chart
 * @returns {PartTips}
 */
export function withTips(chart) {
  const tip = createTip();
  const place = h('div', { class: 'chart-tip-place' }, chart, tip.element);
  /** @type {Element | null} */
  let shown = null;
  const hide = () => {
    shown = null;
    tip.hide();
  };
  /** @param {Element} target @param {Child[]} content */
  const show = (target, content) => {
    shown = target;
    const [frame, part] = [place.getBoundingClientRect(), target.getBoundingClientRect()];
    const { width, height } = part;
    tip.showContent(content, { x: part.left - frame.left, y: part.top - frame.top, width, height });
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
