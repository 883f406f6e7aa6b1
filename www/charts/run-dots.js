// Runs along a line: a point where each stands, and above it the run's letter in its colour.
import { s } from '../dom/svg.js';
import { runColour, runLetter } from '../report/run-colours.js';
import { spreadOut } from './spread-out.js';

/**
 * @typedef {object} RunDot
 * @property {number} run The run's place in the report.
 * @property {number} x
 * @property {boolean} [hollow] It cannot be told from the baseline.
 * @property {-1 | 0 | 1} [beyond] The axis ends before it.
 */

/** The radius of a letter's circle: a letter of 12 px fits. */
export const RADIUS = 8;
/**
 * Shapes by a run's place, so that colour does not tell runs apart alone: each of the size of a
 * circle of radius 1 around the origin.
 */
const SHAPES = [
  'M 1 0 A 1 1 0 1 1 -1 0 A 1 1 0 1 1 1 0 Z',
  'M -0.9 -0.9 H 0.9 V 0.9 H -0.9 Z',
  'M 0 -1.15 L 1.1 0.85 H -1.1 Z',
  'M 0 -1.25 L 1.25 0 L 0 1.25 L -1.25 0 Z',
  'M 0 1.15 L 1.1 -0.85 H -1.1 Z',
  'M -0.4 -1.2 H 0.4 V -0.4 H 1.2 V 0.4 H 0.4 V 1.2 H -0.4 V 0.4 H -1.2 V -0.4 H -0.4 Z',
  'M 1.15 0 L -0.85 1.1 V -1.1 Z',
  'M -1.3 -0.55 H 1.3 V 0.55 H -1.3 Z',
];

/**
 * A run's point, of its shape and colour.
 * @param {number} run
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {{ fill?: string, stroke?: string }} [look]
 */
export const markOf = (run, x, y, radius, { fill = runColour(run), stroke } = {}) =>
  s('path', {
    d: SHAPES[run % SHAPES.length],
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${radius})`,
    fill,
    stroke,
    'stroke-width': 1.5,
    'vector-effect': 'non-scaling-stroke',
  });

/** From the line to the middle of the letters. */
const ABOVE = 15;
const GAP = 2 * RADIUS + 1;
/** More letters stand in two rows, so that each is near its point. */
const FEW = 4;

/**
 * How much higher the letters of so many runs stand.
 * @param {number} count
 */
export const addedHeight = (count) => (count > FEW ? GAP : 0);

/**
 * @param {object} chart
 * @param {RunDot[]} chart.dots
 * @param {number} chart.y The line.
 * @param {number} chart.left Where letters may stand.
 * @param {number} chart.right
 */
export function runDots({ dots, y, left, right }) {
  const added = addedHeight(dots.length);
  const sorted = [...dots].sort((a, b) => a.x - b.x);
  /** @param {RunDot[]} row */
  const spread = (row) =>
    spreadOut(
      row.map(({ x }) => x),
      GAP,
      left + RADIUS,
      right - RADIUS,
    );
  const rows = [0, 1].map((row) => spread(sorted.filter((_, i) => i % 2 === row)));
  const places = added ? sorted.map((_, i) => rows[i % 2][i >> 1]) : spread(sorted);
  return sorted.map(({ run, x, hollow = false, beyond = 0 }, i) => {
    const up = y - ABOVE - (i % 2) * added;
    // Points of many runs lie above and below the line: fewer cover each other.
    const at = added ? y + 3 * ((i % 4) - 1.5) : y;
    return [
      s('line', {
        class: 'dot-leader',
        x1: x,
        y1: at,
        x2: places[i],
        y2: up + RADIUS,
        stroke: runColour(run),
      }),
      beyond
        ? s('path', {
            d: `M ${x + 5 * beyond} ${at} l ${-7 * beyond} -4 v 8 z`,
            fill: runColour(run),
          })
        : markOf(run, x, at, 3.5, {
            fill: hollow ? 'var(--panel)' : runColour(run),
            stroke: runColour(run),
          }),
      letterOf(run, places[i], up, hollow),
    ];
  });
}

/**
 * A run's letter in a circle of its colour.
 * @param {number} run
 * @param {number} x
 * @param {number} y
 * @param {boolean} [hollow]
 */
export const letterOf = (run, x, y, hollow = false) => [
  s('circle', {
    cx: x,
    cy: y,
    r: RADIUS,
    fill: hollow ? 'var(--panel)' : runColour(run),
    stroke: runColour(run),
    'stroke-width': 1.5,
    'stroke-dasharray': hollow && '3 2',
  }),
  s(
    'text',
    {
      class: 'dot-letter',
      x,
      y,
      'text-anchor': 'middle',
      'dominant-baseline': 'central',
      fill: hollow ? runColour(run) : 'var(--panel)',
    },
    runLetter(run),
  ),
];
