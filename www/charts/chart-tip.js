// One tip for a chart: what is pointed at or has the focus, in words.
import { h, replace } from '../dom/elements.js';

/** @import { Child } from '../dom/elements.js' */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * @typedef {object} Tip
 * @property {HTMLElement} element Stands in what positions it.
 * @property {(lines: string[], box: Box) => void} show The first line is a title. The box is that
 * of what is told of, in the coordinates of the element around the tip.
 * @property {(content: Child[], box: Box) => void} showContent The same of more than lines.
 * @property {() => void} hide
 */

const STYLE = {
  position: 'absolute',
  left: '0',
  top: '0',
  zIndex: '5',
  maxWidth: 'min(320px, 90%)',
  padding: '6px 10px',
  border: '1px solid var(--line-strong)',
  borderRadius: '6px',
  background: 'var(--panel)',
  color: 'var(--text)',
  font: '12.5px/1.4 system-ui, sans-serif',
  boxShadow: '0 3px 12px rgb(0 0 0 / 25%)',
  pointerEvents: 'none',
  overflowWrap: 'anywhere',
  fontVariantNumeric: 'tabular-nums',
};

const GAP = 8;

/**
 * A tip, hidden. What it says is said by the marks' own names too, so that readers of the screen do
 * not hear it twice.
 * @returns {Tip}
 */
export function createTip() {
  const element = h('div', { class: 'tip chart-tip', hidden: true, 'aria-hidden': 'true' });
  Object.assign(element.style, STYLE);
  /** @param {Child[]} content @param {Box} box */
  function showContent(content, { x, y, width, height }) {
    replace(element, content);
    element.hidden = false;
    const around = element.parentElement;
    if (!around) return;
    const most = Math.max(0, around.clientWidth - element.offsetWidth);
    const left = Math.min(most, Math.max(0, x + width / 2 - element.offsetWidth / 2));
    const above = y - element.offsetHeight - GAP;
    // Above what it tells of, unless it would leave the window.
    const { top } = around.getBoundingClientRect();
    const place = top + above >= 0 ? above : y + height + GAP;
    element.style.transform = `translate(${Math.round(left)}px, ${Math.round(place)}px)`;
  }
  return {
    element,
    showContent,
    show: ([title, ...others], box) =>
      showContent([h('strong', {}, title), others.map((line) => h('div', {}, line))], box),
    hide() {
      element.hidden = true;
    },
  };
}
