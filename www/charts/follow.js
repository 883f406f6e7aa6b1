// Follows the pointer and the arrow keys along a chart, and tells what stands there.
import { h } from '../dom/elements.js';
import { s } from '../dom/svg.js';

/** @import { Tip } from './chart-tip.js' */

/**
 * A place along a chart.
 * @typedef {object} Stop
 * @property {number} x In the drawing's own units.
 * @property {string[]} lines The first is a title.
 * @property {{ y: number, colour: string }[]} dots
 */

/**
 * The stop that is nearest to a place.
 * @param {Stop[]} stops In order.
 * @param {number} x
 */
export function nearestStop(stops, x) {
  let [low, high] = [0, stops.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (stops[middle].x <= x) low = middle;
    else high = middle;
  }
  return Math.abs(stops[low].x - x) <= Math.abs(stops[high].x - x) ? low : high;
}

/** @type {Record<string, (at: number, count: number) => number>} */
const KEYS = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  PageUp: (at, count) => at - Math.ceil(count / 10),
  PageDown: (at, count) => at + Math.ceil(count / 10),
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * @param {SVGSVGElement} svg
 * @param {HTMLElement} place Around it, positioned.
 * @param {Tip} tip
 * @param {Stop[]} unordered
 */
export function letFollow(svg, place, tip, unordered) {
  const stops = [...unordered].sort((a, b) => a.x - b.x);
  if (!stops.length) return;
  const { height, width } = svg.viewBox.baseVal;
  const mark = s('g', { 'aria-hidden': 'true', 'pointer-events': 'none' });
  // On top of all marks, so that their own titles do not come up beside the tip.
  const cover = s('rect', { width, height, fill: 'transparent', 'aria-hidden': 'true' });
  svg.append(mark, cover);
  const said = h('div', { role: 'status' });
  Object.assign(said.style, {
    position: 'absolute',
    width: '1px',
    height: '1px',
    overflow: 'hidden',
    clipPath: 'inset(50%)',
  });
  place.append(said);
  svg.setAttribute('tabindex', '0');
  svg.setAttribute('aria-roledescription', 'chart, arrow keys go along it');
  let at = -1;
  const hide = () => {
    tip.hide();
    mark.replaceChildren();
  };
  /** @param {number} next */
  const show = (next) => {
    at = next;
    const { x, lines, dots } = stops[at];
    mark.replaceChildren(
      s('line', { x1: x, x2: x, y1: 18, y2: height - 34, stroke: 'var(--quiet)' }),
      ...dots
        .filter(({ y }) => Number.isFinite(y))
        .map(({ y, colour }) =>
          s('circle', { cx: x, cy: y, r: 4, fill: colour, stroke: 'var(--panel)' }),
        ),
    );
    const scale = svg.clientWidth ? svg.clientWidth / width : 1;
    const top = Math.min(...dots.map(({ y }) => y).filter(Number.isFinite), height / 2);
    tip.show(lines, { x: x * scale, y: top * scale, width: 0, height: 0 });
  };
  svg.addEventListener('pointermove', ({ clientX }) => {
    const { left, width: shown } = svg.getBoundingClientRect();
    show(nearestStop(stops, ((clientX - left) * width) / (shown || 1)));
  });
  svg.addEventListener('pointerleave', hide);
  svg.addEventListener('blur', hide);
  svg.addEventListener('focus', () => {
    if (svg.matches(':focus-visible')) show(Math.max(0, at));
  });
  svg.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      if (!tip.element.hidden) event.stopPropagation();
      return hide();
    }
    const move = KEYS[event.key];
    if (!move) return undefined;
    event.preventDefault();
    show(Math.min(stops.length - 1, Math.max(0, at < 0 ? 0 : move(at, stops.length))));
    said.textContent = stops[at].lines.join(', ');
    return undefined;
  });
}
