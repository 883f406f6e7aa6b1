// The plain charts of the detail view: lines, bars and profiles of one look.
import * as Plot from '@observablehq/plot';
import { number } from '../report/format.js';
import { extremes } from '../report/means.js';

/** @import { Decile, Profile, UlpHistogram } from '../report/model.js' */

/** @typedef {{ x: number, y: number, name: string }} Point */

export const FRAME = {
  width: 420,
  height: 210,
  marginLeft: 52,
  marginRight: 14,
  marginTop: 22,
  marginBottom: 36,
  className: 'plot',
};
/** @param {number} value */
export const tick = (value) =>
  number(value)
    .replace(/(\.\d*?)0+(e|$)/, '$1$2')
    .replace(/\.(e|$)/, '$1');

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
 * About four even steps of 1, 2 or 5 times a power of ten.
 * @param {number} low
 * @param {number} high
 */
function evenTicks(low, high) {
  const least = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) =>
    Number(((Math.ceil(low / step) + i) * step).toPrecision(6)),
  );
}

/**
 * Labelled places of a log axis: 1, 2, 5 of each power of ten, the powers alone where there are
 * many, even steps where none is between the ends.
 * @param {number[]} values
 */
export function logTicks(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const powers = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => i + Math.floor(Math.log10(low)),
  );
  const step = Math.ceil(powers.length / 5);
  const at =
    powers.length > 3
      ? powers.filter((power) => power % step === 0).map((power) => Number(`1e${power}`))
      : powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const inside = at.filter((value) => value >= low && value <= high);
  return inside.length > 1 || !(low < high) ? inside : evenTicks(low, high);
}

/** Below this, a share's distance from 1 is drawn as this. */
const LEAST_REST = 2e-8;

/**
 * The scale of shares near 1, whose distances from 1 differ by powers of ten: 0, 90, 99, 99.9 %;
 * higher is nearer to 1.
 * @param {number[]} values
 */
export function nines(values) {
  /** @param {number} share */
  const place = (share) => Math.max(LEAST_REST, 1 - share);
  const ends = extremes(values.map(place));
  const ticks = [
    ...logTicks(ends),
    ...[0.1, 0.5].filter((rest) => rest > ends[0] && rest < ends[1]),
  ];
  return {
    place,
    /** @type {Plot.ScaleOptions} */
    scale: {
      type: 'log',
      reverse: true,
      labelArrow: 'up',
      ticks: [...new Set(ticks)],
      tickFormat: (rest) => String(Number((100 * (1 - rest)).toPrecision(10))),
    },
  };
}

export const COLOURS = ['var(--series-1)', 'var(--series-2)', 'var(--text)'];
const DASHED = '4 3';

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
 * @param {object} chart
 * @param {string} chart.label
 * @param {Series[]} chart.series
 * @param {string} [chart.x]
 * @param {string} chart.y
 * @param {boolean} [chart.log]
 * @param {{ y: number | null, label: string }[]} [chart.rules] Chance levels and bounds.
 * @param {[number, number] | null} [chart.band] Behind the curves.
 * @param {boolean} [chart.dots] For values that are not a curve.
 * @param {boolean} [chart.zero] Whether the scale begins at 0.
 */
export function curves({
  label,
  series,
  x = 'index i',
  y,
  log = false,
  rules = [],
  band = null,
  dots = false,
  zero = false,
}) {
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
  return Plot.plot({
    ...FRAME,
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
      ticks: log ? logTicks([...shown.flat(), ...kept].map((point) => point.y)) : 4,
      tickFormat: tick,
      grid: true,
      zero,
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
      kept.map((rule) => Plot.ruleY([rule.y], { stroke: 'var(--quiet)', strokeDasharray: DASHED })),
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
      shown.map((line, i) =>
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
            }),
      ),
    ],
  });
}

/** @typedef {{ name: string, colour: string, mark: string }} KeyEntry */

/**
 * The key of a chart: the names of its curves with the class of their marks, and the chance level
 * where one is shown.
 * @param {{ name: string, dashed?: boolean, chance?: unknown }[]} series
 * @param {boolean} dots
 * @returns {KeyEntry[]}
 */
export const keyOf = (series, dots = false) => [
  ...series.map(({ name, dashed }, i) => ({
    name,
    colour: COLOURS[i],
    mark: dots ? ['ring', 'point'][i] : dashed ? 'dashed' : 'solid',
  })),
  ...(series.some(({ chance }) => chance)
    ? [{ name: 'chance', colour: 'var(--quiet)', mark: 'dashed' }]
    : []),
];

/**
 * @param {number | null | undefined} from
 * @param {number | null | undefined} to
 */
const nameBin = (from, to) => {
  if (from === null || from === undefined) return `≤ ${to}`;
  if (to === null || to === undefined) return `≥ ${from}`;
  return from === to ? String(from) : `${from} … ${to}`;
};

/**
 * Signed distances in bf16 codes; counts on a log scale, since one bin may hold nearly all.
 * @param {UlpHistogram} histogram
 * @param {number} total
 */
export function histogram({ from, to, counts }, total) {
  const used = counts.flatMap((n, i) => (n > 0 ? [i] : []));
  if (!used.length) return null;
  const bins = counts
    .map((n, i) => ({ bin: nameBin(from[i], to[i]), n, zero: from[i] === 0 && to[i] === 0 }))
    .slice(used[0], used[used.length - 1] + 1);
  const step = Math.ceil(bins.length / 11);
  const middle = bins.findIndex(({ zero }) => zero);
  return Plot.plot({
    ...FRAME,
    marginBottom: 58,
    height: 232,
    ariaLabel: 'Weights by signed distance in bf16 codes',
    x: {
      type: 'band',
      domain: bins.map((filled) => filled.bin),
      label: 'tuned − base, bf16 codes',
      tickRotate: -45,
      tickSize: 0,
      tickFormat: (value, i) =>
        (i - Math.max(0, middle)) % step === 0 ? value.replace('-', '−').split(' … ')[0] : '',
    },
    y: {
      type: 'log',
      label: 'weights',
      tickSize: 3,
      ticks: 4,
      tickFormat: tick,
      grid: true,
      domain: [0.5, Math.max(1, ...counts)],
    },
    marks: [
      Plot.rectY(
        bins.filter(({ n }) => n > 0),
        {
          x: 'bin',
          y1: 0.5,
          y2: 'n',
          fill: ({ zero }) => (zero ? 'var(--quiet)' : 'var(--series-1)'),
          title: (filled) =>
            `${filled.bin}: ${filled.n} weights, ${number((100 * filled.n) / total)} %`,
        },
      ),
    ],
  });
}

/**
 * A share of weights along rows or columns, with the band that it would stay in if it did not
 * depend on them.
 * @param {Profile} shares
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.label What the shares run along.
 * @param {number} chart.across Weights of one row or column.
 * @param {number} chart.density The share of all weights.
 * @param {string} [chart.y]
 * @param {number | null} [chart.independent] The whole share by chance, where that is not the share
 * itself.
 */
export function profile(
  { length, values },
  { title, label, across, density, y = 'changed weights, %', independent = null },
) {
  const group = length / values.length;
  const spread = 2 * Math.sqrt((density * (1 - density)) / Math.max(1, across * group));
  const points = values.map((value, i) => ({ x: Math.round(i * group), y: value }));
  const band = [Math.max(0, density - spread), Math.min(1, density + spread)];
  return Plot.plot({
    ...FRAME,
    ariaLabel: title,
    x: { label, domain: [0, Math.max(1, length)], tickSize: 3, ticks: 5 },
    y: { label: y, percent: true, tickSize: 3, ticks: 4, grid: true, tickFormat: tick },
    marks: [
      Plot.areaY([{ x: 0 }, { x: length }], {
        x: 'x',
        y1: band[0],
        y2: band[1],
        fill: 'var(--band)',
      }),
      Plot.ruleY([density], { stroke: 'var(--quiet)', strokeDasharray: DASHED }),
      Plot.lineY(points, {
        x: 'x',
        y: 'y',
        stroke: 'var(--series-1)',
        strokeWidth: 1.3,
        curve: 'step-after',
      }),
      independent === null
        ? null
        : Plot.ruleY([independent], {
            stroke: 'var(--series-2)',
            strokeDasharray: '2 3',
            strokeWidth: 1.8,
          }),
    ],
  });
}

/**
 * Share of changed weights per tenth of the weights by magnitude, beside the tensor's own share.
 * @param {Decile[]} tenths
 * @param {number} density
 */
export function deciles(tenths, density) {
  return Plot.plot({
    ...FRAME,
    ariaLabel: 'Changed weights by magnitude decile',
    x: { type: 'band', label: 'decile of |W0|, smallest first', tickSize: 0 },
    y: {
      percent: true,
      label: 'changed weights, %',
      tickSize: 3,
      ticks: 4,
      grid: true,
      tickFormat: tick,
      zero: true,
      nice: true,
    },
    marks: [
      Plot.barY(tenths, {
        x: (_, i) => i + 1,
        y: 'changed',
        fill: 'var(--series-1)',
        title: ({ upper, changed }) => `up to |W0| = ${number(upper)}: ${number(changed * 100)} %`,
      }),
      Plot.ruleY([density], { stroke: 'var(--text)', strokeDasharray: DASHED }),
      Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
    ],
  });
}
