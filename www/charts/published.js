// Values of runs on the axis of a published quantity: grey bars are what others reported.
import { s } from '../dom/svg.js';
import { markOf } from './run-dots.js';
import { spreadOut } from './spread-out.js';

/** @typedef {[low: number, high: number]} Range */

/**
 * @typedef {object} PublishedAxis
 * @property {'linear' | 'log'} scale
 * @property {Range} domain What the axis covers at least.
 * @property {Partial<Record<string, Range>>} ranges By kind of training.
 */

/** Names of kinds where there is little room. @type {Record<string, string>} */
const SHORT = { RLVR: 'RL', SFT: 'SFT' };

/**
 * @param {PublishedAxis} axis
 * @param {number[]} values
 * @param {number} left
 * @param {number} right
 */
function placer({ scale, domain }, values, left, right) {
  const known = values.filter(
    (value) => Number.isFinite(value) && (scale === 'linear' || value > 0),
  );
  const low = Math.min(domain[0], ...known);
  const high = Math.max(domain[1], ...known);
  const share = (/** @type {number} */ value) =>
    scale === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return (/** @type {number} */ value) =>
    left +
    (right - left) * Math.max(0, Math.min(1, value <= low ? 0 : value >= high ? 1 : share(value)));
}

/**
 * @param {object} chart
 * @param {PublishedAxis} chart.axis
 * @param {{ run: number, value: number }[]} chart.values
 * @param {number} chart.y The line.
 * @param {number} chart.left
 * @param {number} chart.right
 */
export function publishedStrip({ axis, values, y, left, right }) {
  const place = placer(
    axis,
    values.map(({ value }) => value),
    left,
    right,
  );
  const bars = Object.entries(axis.ranges).flatMap(([kind, range]) =>
    range ? [{ kind, from: place(range[0]), to: place(range[1]) }] : [],
  );
  const names = spreadOut(
    bars.map(({ from, to }) => (from + to) / 2),
    30,
    left + 12,
    right - 12,
  );
  return [
    s('line', { class: 'dot-line', x1: left, x2: right, y1: y, y2: y }),
    bars.map(({ kind, from, to }, i) => [
      s('rect', {
        class: 'published-bar',
        x: Math.min(from, right - 4),
        y: y - 4,
        width: Math.max(4, to - from),
        height: 8,
        rx: 2,
      }),
      s(
        'text',
        { class: 'published-name', x: names[i], y: y - 10, 'text-anchor': 'middle' },
        SHORT[kind] ?? kind,
      ),
    ]),
    values.map(({ run, value }) => markOf(run, place(value), y, 3.5, { stroke: 'var(--panel)' })),
  ];
}
