// Values of runs on the axis of a published quantity: a grey bar is a range that others reported, a
// tick is a number, and lighter is what counts as about that number.
import { s } from '../dom/svg.js';
import { markOf } from './run-dots.js';
import { spreadOut } from './spread-out.js';

/** @typedef {[low: number, high: number]} Range */

/**
 * @typedef {object} PublishedAxis
 * @property {'linear' | 'log'} scale
 * @property {Range} domain What the axis covers at least.
 * @property {Partial<Record<string, Range>>} stated What was published, by kind of training.
 * @property {Partial<Record<string, Range>>} ranges What counts as within it.
 * @property {(value: number) => string} end An end of the axis in words.
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
  return {
    ends: [low, high],
    place: (/** @type {number} */ value) =>
      left +
      (right - left) *
        Math.max(0, Math.min(1, value <= low ? 0 : value >= high ? 1 : share(value))),
  };
}

/**
 * Whether something counts as within what was published that was not.
 * @param {Pick<PublishedAxis, 'stated' | 'ranges'>} axis
 */
export const isWidened = ({ stated, ranges }) =>
  Object.keys(ranges).some((kind) =>
    [0, 1].some((end) => ranges[kind]?.[end] !== stated[kind]?.[end]),
  );

/** From the line to the foot of the labels of its ends. */
const BELOW = 16;
/** The width of a tick. */
const TICK = 3;

/**
 * @param {string} name
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {number} half Of its height.
 */
const drawBar = (name, from, to, y, half) =>
  s('rect', { class: name, x: from, y: y - half, width: to - from, height: 2 * half });

/**
 * @param {object} chart
 * @param {PublishedAxis} chart.axis
 * @param {{ run: number, value: number }[]} chart.values
 * @param {number} chart.y The line.
 * @param {number} chart.left
 * @param {number} chart.right
 */
export function publishedStrip({ axis, values, y, left, right }) {
  const { place, ends } = placer(
    axis,
    values.map(({ value }) => value),
    left,
    right,
  );
  const bars = Object.entries(axis.ranges).flatMap(([kind, range]) =>
    range ? [{ kind, range, from: place(range[0]), to: place(range[1]) }] : [],
  );
  const names = spreadOut(
    bars.map(({ from, to }) => (from + to) / 2),
    30,
    left + 12,
    right - 12,
  );
  return [
    s('line', { class: 'dot-line', x1: left, x2: right, y1: y, y2: y }),
    bars.map(({ kind, range, from, to }, i) => {
      const stated = axis.stated[kind] ?? range;
      const isNumber = stated[0] === stated[1];
      const [start, end] = stated.map(place);
      // At an end of the axis a range keeps a width that is seen.
      const first = isNumber ? start - TICK / 2 : Math.min(start, right - TICK);
      const last = isNumber ? first + TICK : Math.max(end, first + TICK);
      return [
        isWidened({ stated: { [kind]: stated }, ranges: { [kind]: range } }) &&
          drawBar('published-about', from, to, y, 4),
        drawBar(isNumber ? 'published-tick' : 'published-bar', first, last, y, isNumber ? 7 : 4),
        s(
          'text',
          { class: 'published-name', x: names[i], y: y - 10, 'text-anchor': 'middle' },
          SHORT[kind] ?? kind,
        ),
      ];
    }),
    ends.map((value, i) =>
      s(
        'text',
        {
          class: 'published-end',
          x: i ? right : left,
          y: y + BELOW,
          'text-anchor': i ? 'end' : 'start',
        },
        axis.end(value),
      ),
    ),
    values.map(({ run, value }) => markOf(run, place(value), y, 3.5, { stroke: 'var(--panel)' })),
  ];
}
