// Every metric against a random update of the same size, all runs on one axis of ratios; beside it
// the values themselves among published ones, each on its own axis.
import { h } from '../dom/elements.js';
import { s } from '../dom/svg.js';
import { drawing } from './drawing.js';
import { sum } from '../report/means.js';
import { runColour } from '../report/run-colours.js';
import { ratioAxis, ratioTick } from './log-axis.js';
import { publishedStrip } from './published.js';
import { RADIUS, addedHeight, letterOf, runDots } from './run-dots.js';

/** @import { Child } from '../dom/elements.js' */
/** @import { exploreDots } from './explore-dots.js' */
/** @import { RatioAxis } from './log-axis.js' */
/** @import { PublishedAxis } from './published.js' */

/**
 * @typedef {object} DotRow
 * @property {string} key
 * @property {string} label
 * @property {string} spoken All of its values in words.
 * @property {boolean} pressed
 * @property {{ run: number, ratio: number, noise: boolean }[]} dots
 * @property {number | null} reach How far noise moves a random update, as a share of it.
 * @property {string | null} text What stands on the line where there are no dots.
 * @property {{ run: number, text: string }[]} [values] What stands there of each run.
 * @property {{ axis: PublishedAxis, values: { run: number, value: number }[] } | null} published
 * @property {() => Child[]} tip
 */

/** Below this width a row stacks: its label, and below it its line and its published values. */
const NARROW = 560;
const HEADER = 22;

/**
 * @param {number} width
 * @param {boolean} published
 */
function layOut(width, published) {
  const narrow = width < NARROW;
  const label = narrow ? 0 : 150;
  const strip = published
    ? narrow
      ? Math.min(130, 0.36 * width)
      : Math.min(190, 0.26 * width)
    : 0;
  return {
    narrow,
    left: label + 4,
    right: width - 4 - (strip ? strip + 18 : 0),
    strip,
    /** From a row's top to its line. */
    line: narrow ? 42 : 26,
  };
}

/** @typedef {ReturnType<typeof layOut>} Frame */

/**
 * A row's height; where rows stack, one of a single line is lower.
 * @param {DotRow} row
 * @param {Frame} frame
 */
function heightOf(row, frame) {
  const { dots, values, published } = row;
  const { narrow } = frame;
  const plain =
    (narrow ? (dots.length || values?.length || published ? 54 : 28) : 36) +
    addedHeight(dots.length);
  const lines = Math.ceil((values?.length ?? 0) / valuesIn(row, frame));
  const ofValues = frame.line + lines * VALUE.height - 6;
  return Math.max(plain + (published ? 8 : 0), lines > 1 ? ofValues : 0);
}

/** The room of a run's letter and its value. */
const VALUE = { width: 76, height: 20 };

/**
 * How many values stand side by side, beyond the axes too where a row has no published values.
 * @param {Pick<DotRow, 'published'>} row
 * @param {Frame} frame
 */
const valuesIn = ({ published }, { left, right, strip }) =>
  Math.max(1, Math.floor((right - left + (published ? 0 : strip)) / VALUE.width));

/**
 * @param {object} chart
 * @param {DotRow[]} chart.rows
 * @param {number} chart.width
 * @param {string} chart.label What the chart is, in words.
 * @param {(key: string) => void} chart.onchoose
 * @param {typeof exploreDots} [chart.explore] Makes it answer, once that is loaded.
 * @returns {HTMLElement}
 */
export function dotChart({ rows, width, label, onchoose, explore }) {
  const frame = layOut(
    width,
    rows.some(({ published }) => published),
  );
  const { left, right } = frame;
  const axis = ratioAxis(
    rows.flatMap(({ dots }) => dots.map(({ ratio }) => ratio)),
    left + 10,
    right - 10,
  );
  const heights = rows.map((row) => heightOf(row, frame));
  const tops = heights.map((_, i) => HEADER + sum(heights.slice(0, i)));
  const height = HEADER + sum(heights) + 4;
  const parts = rows.map((row, i) => drawButton(row, tops[i], width, frame));
  const chart = drawing(
    { class: 'dots-chart', width, height, label },
    axis.ticks.map((tick) =>
      s(
        'text',
        { class: 'dots-scale', x: axis.place(tick), y: 13, 'text-anchor': 'middle' },
        tick === 1 ? '1× random' : ratioTick(tick),
      ),
    ),
    rows.map((row, i) => row.dots.length > 0 && drawTicks(axis, tops[i], heights[i], frame)),
    frame.strip > 0 &&
      s(
        'text',
        { class: 'dots-scale', x: width - 4 - frame.strip / 2, y: 13, 'text-anchor': 'middle' },
        'published',
      ),
    parts,
    s(
      'g',
      { class: 'dots-marks', 'aria-hidden': 'true' },
      rows.map((row, i) => drawMarks(row, tops[i], width, frame, axis)),
    ),
  );
  return explore?.(chart, parts, rows, onchoose) ?? h('div', { class: 'chart-tip-place' }, chart);
}

/**
 * The ticks behind a row; a label that stands above the line is kept free of them.
 * @param {RatioAxis} axis
 * @param {number} top
 * @param {number} height
 * @param {Frame} frame
 */
const drawTicks = (axis, top, height, { narrow }) =>
  axis.ticks.map((tick) =>
    s('line', {
      class: tick === 1 ? 'dots-random' : 'dots-tick',
      x1: axis.place(tick),
      x2: axis.place(tick),
      y1: top + (narrow ? 22 : 0),
      y2: top + height,
    }),
  );

/**
 * What can be chosen of a row: its ground and its label. The marks are drawn above it, since a
 * button is named by the text in it.
 * @param {DotRow} row
 * @param {number} top
 * @param {number} width
 * @param {Frame} frame
 */
function drawButton(row, top, width, frame) {
  const { narrow } = frame;
  const line = frame.line + addedHeight(row.dots.length);
  return s(
    'g',
    {
      class: 'dots-row',
      role: 'button',
      'aria-label': row.spoken,
      'aria-pressed': String(row.pressed),
      'data-key': `dots ${row.key}`,
    },
    s('rect', {
      class: 'dots-hit',
      'data-not-exported': '',
      x: 0.5,
      y: top + 0.5,
      width: width - 1,
      height: heightOf(row, frame) - 1,
      rx: 4,
    }),
    s(
      'text',
      {
        class: 'dots-label',
        x: 6,
        y: top + (narrow ? 14 : line),
        'dominant-baseline': narrow ? null : 'central',
      },
      row.label,
    ),
  );
}

/**
 * @param {DotRow} row
 * @param {number} top
 * @param {number} width
 * @param {Frame} frame
 * @param {RatioAxis} axis
 */
function drawMarks(row, top, width, frame, axis) {
  const { dots, reach, published, text, values = [] } = row;
  const { narrow, left, right, strip } = frame;
  const y = top + frame.line + addedHeight(dots.length);
  const beside = valuesIn(row, frame);
  return [
    dots.length > 0 && s('line', { class: 'dot-line', x1: left, x2: right, y1: y, y2: y }),
    dots.length > 0 && reach !== null && reach > 0 && drawNoise(reach, y, axis),
    text !== null &&
      (narrow
        ? s('text', { class: 'dots-text', x: width - 6, y: top + 16, 'text-anchor': 'end' }, text)
        : s('text', { class: 'dots-text', x: left + 6, y, 'dominant-baseline': 'central' }, text)),
    values.map((value, i) => {
      const x = left + (i % beside) * VALUE.width;
      return drawValue(value, x, y + Math.floor(i / beside) * VALUE.height);
    }),
    runDots({
      dots: dots.map(({ run, ratio, noise }) => ({
        run,
        x: axis.place(ratio),
        hollow: noise,
        beyond: axis.beyond(ratio),
      })),
      y,
      left,
      right,
    }),
    published && publishedStrip({ ...published, y, left: width - 4 - strip, right: width - 8 }),
  ];
}

/**
 * A run's value, behind its letter.
 * @param {{ run: number, text: string }} value
 * @param {number} x
 * @param {number} y
 */
const drawValue = ({ run, text }, x, y) => [
  letterOf(run, x + RADIUS + 2, y),
  s(
    'text',
    {
      class: 'dots-value',
      x: x + 2 * RADIUS + 7,
      y,
      fill: runColour(run),
      'dominant-baseline': 'central',
    },
    text,
  ),
];

/**
 * Where random updates fall.
 * @param {number} reach
 * @param {number} y
 * @param {RatioAxis} axis
 */
const drawNoise = (reach, y, axis) =>
  s('rect', {
    class: 'dots-noise',
    x: axis.place(1 - reach),
    y: y - 5,
    width: Math.max(1, axis.place(1 + reach) - axis.place(1 - reach)),
    height: 10,
  });
