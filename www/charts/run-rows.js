// One value of each run, a row for each; behind them, where others reported some, their ranges.
import { s } from '../dom/svg.js';
import { runColour } from '../report/run-colours.js';
import { drawing } from './drawing.js';
import { RADIUS, letterOf, markOf } from './run-dots.js';

const [ROW, TOP, BOTTOM] = [24, 8, 26];
const [LEFT, RIGHT] = [2 * RADIUS + 10, 62];
/** A row of a range that was reported, and the room of its name. */
const RANGE = 20;

/**
 * @param {object} chart
 * @param {string} chart.label
 * @param {{ run: number, name: string, value: number | null }[]} chart.runs
 * @param {(value: number | null) => string} chart.format
 * @param {[number, number]} chart.domain
 * @param {number[]} chart.ticks
 * @param {Record<string, number[]>} [chart.reported] Values by kind of training.
 * @param {number} [chart.width]
 */
export function runRows({ label, runs, format, domain, ticks, reported = {}, width = 420 }) {
  const kinds = Object.entries(reported);
  const left = LEFT + (kinds.length ? 26 : 0);
  const right = width - RIGHT;
  const end = TOP + kinds.length * RANGE + runs.length * ROW;
  const height = end + BOTTOM;
  const [low, high] = domain;
  const x = (/** @type {number} */ value) =>
    left + ((right - left) * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
  const lineOf = (/** @type {number} */ i) => TOP + kinds.length * RANGE + (i + 0.5) * ROW;
  const words = [
    ...runs.map(({ name, value }) => `${name} ${format(value)}`),
    ...kinds.map(
      ([kind, values]) =>
        `published ${kind} ${format(Math.min(...values))} to ${format(Math.max(...values))}`,
    ),
  ];
  const svg = drawing(
    { class: 'plot run-rows', width, height, label: `${label}: ${words.join(', ')}` },
    ticks.map((tick) => [
      s('line', { x1: x(tick), x2: x(tick), y1: TOP, y2: end, stroke: 'var(--line)' }),
      s(
        'text',
        { x: x(tick), y: end + 16, 'text-anchor': 'middle', fill: 'var(--quiet)' },
        format(tick),
      ),
    ]),
    kinds.map(([kind, values], i) => {
      const y = TOP + (i + 0.5) * RANGE;
      const [least, most] = [Math.min(...values), Math.max(...values)];
      return [
        s('text', { x: left - 8, y, 'text-anchor': 'end', 'dominant-baseline': 'central' }, kind),
        s('rect', {
          x: x(least),
          y: y - 6,
          width: Math.max(1, x(most) - x(least)),
          height: 12,
          fill: 'var(--band)',
        }),
        values.map((value) =>
          s('line', {
            x1: x(value),
            x2: x(value),
            y1: y - 6,
            y2: y + 6,
            stroke: 'var(--quiet)',
          }),
        ),
      ];
    }),
    runs.map(({ run, value }, i) => [
      s('line', { x1: left, x2: right, y1: lineOf(i), y2: lineOf(i), stroke: 'var(--line)' }),
      letterOf(run, RADIUS + 2, lineOf(i)),
      value !== null && markOf(run, x(value), lineOf(i), 5),
      s(
        'text',
        {
          x: width - 2,
          y: lineOf(i),
          'text-anchor': 'end',
          'dominant-baseline': 'central',
          fill: runColour(run),
        },
        format(value),
      ),
    ]),
  );
  svg.setAttribute('role', 'img');
  return svg;
}
