// Curves over an index, of one look: observed in full, random levels dashed in the same colour.
import * as Plot from '@observablehq/plot';
import { number } from '../report/format.js';
import { FRAME, fitted } from './fitted.js';
import { COLOURS, DASHED } from './series.js';
import { logTicks, tickFormat } from './ticks.js';

/** @import { Drawing } from './fitted.js' */
/** @import { Stop } from './follow.js' */

export { COLOURS, keyOf } from './series.js';
export { deciles, histogram, profile } from './shares.js';

/** @import { KeyEntry as Entry } from './series.js' */
/** @typedef {Entry} KeyEntry */

/** @typedef {{ x: number, y: number, name: string }} Point */

/**
 * Drops what a log scale cannot show.
 * @param {Point[]} points
 */
const positive = (points) => points.filter(({ y }) => y > 0);

/**
 * Few enough points for a curve that is at most some hundred pixels wide.
 * @param {Point[]} points
 */
function thin(points, most = 600) {
  if (points.length <= most) return points;
  const step = points.length / most;
  return Array.from({ length: most }, (_, i) => points[Math.floor(i * step)]);
}

/**
 * A curve over an index from 1. `chance` is a level for each value, in the same colour, with a gap
 * where it is null; `dashed` tells curves that may lie on each other apart.
 * @typedef {object} Series
 * @property {string} name
 * @property {number[]} values
 * @property {(number | null)[]} [chance]
 * @property {boolean} [dashed]
 */

/**
 * The marks of the chart for a width.
 * @typedef {object} CurvesChart
 * @property {string} label
 * @property {Series[]} series
 * @property {string} [x]
 * @property {string} y
 * @property {boolean} [log]
 * @property {{ y: number | null, label: string }[]} [rules] Random levels and bounds.
 * @property {[number, number] | null} [band] Behind the curves.
 * @property {boolean} [dots] For values that are not a curve.
 * @property {boolean} [zero] Whether the scale begins at 0.
 */

/**
 * Where the pointer stops: at each index that a curve has a point of.
 * @param {Drawing} drawing
 * @param {CurvesChart} chart
 * @param {Point[][]} shown
 * @returns {Stop[]}
 */
function stopsOf(drawing, { series, x = 'index i', y }, shown) {
  const [across, up] = [drawing.scale('x'), drawing.scale('y')];
  const indices = [...new Set(shown.flatMap((points) => points.map((point) => point.x)))];
  return indices.map((index) => ({
    x: across?.apply(index),
    lines: [
      `${x.replace(/ i$/, '')} ${index}`,
      ...series.flatMap(({ name, values, chance }) => {
        const value = values[index - 1];
        if (value === undefined) return [];
        const level = chance?.[index - 1];
        const random = typeof level === 'number' ? ` (random ${number(level)})` : '';
        return [`${series.length > 1 ? `${name}: ` : `${y}: `}${number(value)}${random}`];
      }),
    ],
    dots: shown.flatMap((points) => {
      const point = points.find((one) => one.x === index);
      const place = series.findIndex(({ name }) => name === point?.name);
      return point ? [{ y: up?.apply(point.y), colour: COLOURS[place] }] : [];
    }),
  }));
}

/** @param {CurvesChart} chart */
export function curves(chart) {
  const { label, series, x = 'index i', y, log, rules = [], band, dots, zero } = chart;
  const points = series.map(({ name, values }) =>
    thin(values.map((value, i) => ({ x: i + 1, y: value, name }))),
  );
  const shown = (log ? points.map(positive) : points).filter((line) => line.length);
  const kept = rules.flatMap(({ y: height, label: text }) =>
    height !== null && (!log || height > 0) ? [{ y: height, label: text }] : [],
  );
  const highest = Math.max(...shown.flat().map((point) => point.x), 1);
  const levels = series.flatMap(({ name, chance }) =>
    chance ? [thin(chance.map((level, i) => ({ x: i + 1, y: level ?? NaN, name })))] : [],
  );
  const ticks = log ? logTicks([...shown.flat(), ...kept].map((point) => point.y)) : null;
  /** @param {Point[]} line @param {number} i */
  const drawSeries = (line, i) =>
    dots
      ? Plot.dot(line, {
          x: 'x',
          y: 'y',
          r: i === 0 ? 3.4 : 1.8,
          fill: i === 0 ? 'none' : 'name',
          stroke: 'name',
          strokeWidth: 1.2,
        })
      : Plot.lineY(line, {
          x: 'x',
          y: 'y',
          stroke: 'name',
          strokeWidth: 1.6,
          strokeDasharray: series[i].dashed ? '5 3' : undefined,
        });
  /** @param {number} width */
  const draw = (width) =>
    Plot.plot({
      ...FRAME,
      width,
      ariaLabel: label,
      x: {
        label: x,
        domain: [1, Math.max(2, highest)],
        tickSize: 3,
        ticks: 5,
        tickFormat: (value) => (Number.isInteger(value) ? String(value) : ''),
      },
      y: {
        type: log ? 'log' : 'linear',
        label: y,
        tickSize: 3,
        ticks: ticks ?? 4,
        tickFormat: tickFormat(ticks ?? undefined),
        grid: true,
        zero: zero ?? false,
        nice: !log,
      },
      color: { domain: series.map(({ name }) => name), range: COLOURS, legend: false },
      marks: [
        band
          ? Plot.areaY([{ x: 1 }, { x: Math.max(2, highest) }], {
              x: 'x',
              y1: band[0],
              y2: band[1],
              fill: 'var(--band)',
            })
          : null,
        kept.map((rule) =>
          Plot.ruleY([rule.y], { stroke: 'var(--quiet)', strokeDasharray: DASHED }),
        ),
        kept.map((rule) =>
          Plot.text([rule], {
            x: highest,
            y: 'y',
            text: 'label',
            textAnchor: 'end',
            dy: -6,
            fill: 'var(--quiet)',
            stroke: 'var(--panel)',
            strokeWidth: 3,
          }),
        ),
        levels.map((line) =>
          Plot.lineY(line, {
            x: 'x',
            y: 'y',
            stroke: 'name',
            strokeWidth: 1.2,
            strokeDasharray: DASHED,
          }),
        ),
        shown.map(drawSeries),
      ],
    });
  return fitted(draw, (drawing) => stopsOf(drawing, chart, shown));
}
