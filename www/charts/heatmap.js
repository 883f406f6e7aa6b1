// Cells of one colour scale; each can be reached by keyboard and says what it is.
import * as Plot from '@observablehq/plot';
import { logTicks } from './curves.js';
import { cellChance } from '../report/grid.js';
import { formatValue, formatChance } from '../report/metrics.js';
import { ink, scheme } from './theme.js';

/** @import { Format } from '../report/format.js' */
/** @import { Cell } from '../report/grid.js' */
/** @import { Metric } from '../report/metrics.js' */

/** @typedef {Cell & { value: number | null, selected: boolean }} ValuedCell */

const ROW = 26;

/**
 * The colour scale of all cells.
 * @param {ValuedCell[]} all
 * @param {Metric} metric
 * @returns {Plot.ScaleOptions & { type: 'log' | 'linear', domain: [number, number] }}
 */
function colourScale(all, metric) {
  const values = all.flatMap(({ value }) =>
    value !== null && Number.isFinite(value) ? [value] : [],
  );
  const positive = values.filter((value) => value > 0);
  const log = metric.scale === 'log' && positive.length > 0 && values.every((value) => value >= 0);
  // On a log scale, 0 (nothing changed) has the lowest colour.
  const [low, high] = [Math.min(...(log ? positive : values)), Math.max(...values)];
  // One value everywhere would leave the scale without a length.
  /** @type {[number, number]} */
  const domain =
    low < high ? [low, high] : [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  return {
    type: log && domain[0] > 0 ? 'log' : 'linear',
    clamp: true,
    domain: values.length ? domain : [0, 1],
    scheme: scheme(),
  };
}

/** Cells narrower than this have no room for a chance level behind the value. */
const ROOM_FOR_CHANCE = 88;

/**
 * @param {ValuedCell} cell
 * @param {Metric} metric
 * @param {number} alpha
 */
function describeCell(cell, metric, alpha) {
  const place = cell.layer === null ? '' : `layer ${cell.layer}, `;
  const [first, ...others] = cell.tensors;
  const alone = others.length === 0;
  const value =
    cell.value === null
      ? 'no value'
      : alone
        ? formatValue(metric, first, alpha)
        : metric.format(cell.value);
  const level = cellChance(cell, metric, alpha);
  const chance = alone
    ? formatChance(metric, first, alpha)
    : level === null
      ? null
      : metric.format(level);
  const why =
    cell.value === null
      ? (first.geometry_note ??
        first.error ??
        (first.geometry && !first.geometry.resolved ? 'not resolved at this k' : null))
      : null;
  const besides = `${chance === null ? '' : ` (chance ${chance})`}${why ? `; ${why}` : ''}`;
  return `${place}${cell.module}: ${value}${besides}`;
}

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Makes cells buttons. Arrow keys move between them, Enter opens: one tab stop for the whole chart.
 * @param {SVGElement[]} rects
 * @param {ValuedCell[]} cells
 * @param {(cell: Cell) => void} pick
 */
function makeButtons(rects, cells, pick) {
  /** @param {Cell} cell */
  const placeOf = ({ layer, module }) => `${layer} ${module}`;
  const byPlace = new Map(cells.map((cell, i) => [placeOf(cell), i]));
  const layers = [...new Set(cells.map(({ layer }) => layer))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const modules = [...new Set(cells.map(({ module }) => module))];
  const start = Math.max(
    0,
    cells.findIndex(({ selected }) => selected),
  );
  rects.forEach((rect, i) => {
    const cell = cells[i];
    rect.setAttribute('role', 'button');
    rect.setAttribute('tabindex', i === start ? '0' : '-1');
    if (cell.selected) rect.setAttribute('aria-current', 'true');
    rect.addEventListener('click', () => pick(cell));
    rect.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        return pick(cell);
      }
      const [dx, dy] = ARROWS[event.key] ?? [0, 0];
      if (!dx && !dy) return undefined;
      event.preventDefault();
      const sideways = layers.length === 1 ? [0, dx + dy] : [dx, dy];
      const layer = layers[layers.indexOf(cell.layer) + sideways[0]];
      const module = modules[modules.indexOf(cell.module) + sideways[1]];
      const next = byPlace.get(`${layer} ${module}`);
      if (next === undefined) return undefined;
      rects[i].setAttribute('tabindex', '-1');
      rects[next].setAttribute('tabindex', '0');
      return rects[next].focus();
    });
  });
}

/**
 * The layers across, the modules down; tensors outside layers as a strip of their own.
 * @param {object} chart
 * @param {ValuedCell[]} chart.cells
 * @param {ValuedCell[]} chart.all The cells that share the colour scale.
 * @param {Metric} chart.metric
 * @param {(number | null)[]} chart.layers One that is null for the strip.
 * @param {string[]} chart.modules
 * @param {number} chart.alpha
 * @param {(cell: Cell) => void} chart.pick
 * @param {number} [chart.room] Width that there is.
 */
export function heatmap({ cells, all, metric, layers, modules, alpha, pick, room = 1200 }) {
  const strip = layers[0] === null;
  const color = colourScale(all, metric);
  const scale = /** @type {Plot.Scale} */ (Plot.scale({ color }));
  const margin = strip
    ? 8
    : Math.min(190, 16 + 6.6 * Math.max(...modules.map((module) => module.length)));
  const width = strip
    ? Math.min(150, Math.max(96, (room - margin - 12) / modules.length))
    : Math.min(92, Math.max(22, (room - margin - 12) / layers.length));
  const hasText = width >= 50;
  /** @param {ValuedCell} cell */
  const text = (cell) => {
    const chance =
      metric.chanceInCell && width >= ROOM_FOR_CHANCE ? cellChance(cell, metric, alpha) : null;
    return chance === null
      ? metric.format(cell.value)
      : `${metric.format(cell.value)} / ${metric.format(chance)}`;
  };
  const across = strip ? modules : layers;
  /** @param {ValuedCell} cell */
  const x = (cell) => (strip ? cell.module : cell.layer);
  /** @param {ValuedCell} cell */
  const y = (cell) => (strip ? 'outside layers' : cell.module);
  const none = strip ? 'no-value-outside' : 'no-value';
  /** @param {ValuedCell} cell */
  const fillOf = (cell) => (cell.value === null ? `url(#${none})` : scale.apply(cell.value));
  const svg = Plot.plot({
    width: margin + 12 + across.length * width,
    height: (strip ? ROW * 1.3 : modules.length * ROW) + 32,
    marginLeft: margin,
    marginRight: 12,
    marginTop: 26,
    marginBottom: 6,
    className: 'heat',
    ariaLabel: `${metric.label} by ${strip ? 'tensor outside layers' : 'layer and module'}`,
    x: {
      type: 'band',
      domain: across,
      axis: 'top',
      label: null,
      tickSize: 0,
      padding: 0.06,
      tickFormat: (value) => (strip || width >= 22 || value % 5 === 0 ? String(value) : ''),
    },
    y: {
      type: 'band',
      domain: strip ? ['outside layers'] : modules,
      label: null,
      tickSize: 0,
      padding: 0.08,
      axis: strip ? null : 'left',
    },
    color: { type: 'identity' },
    marks: [
      () => hatch(none),
      strip
        ? null
        : Plot.text(['layer'], {
            frameAnchor: 'top-left',
            textAnchor: 'end',
            dx: -10,
            dy: -17,
            fill: 'var(--quiet)',
          }),
      Plot.cell(cells, {
        x,
        y,
        fill: fillOf,
        stroke: (cell) => (cell.selected ? 'var(--text)' : 'var(--line)'),
        strokeWidth: (cell) => (cell.selected ? 2 : cell.value === null ? 0.6 : 0),
        rx: 2,
        ariaLabel: (cell) => describeCell(cell, metric, alpha),
        title: (cell) => describeCell(cell, metric, alpha),
      }),
      hasText
        ? Plot.text(
            cells.filter(({ value }) => value !== null),
            { x, y, text, fill: (cell) => ink(scale.apply(cell.value)), pointerEvents: 'none' },
          )
        : null,
    ],
  });
  /** @type {NodeListOf<SVGElement>} */
  const rects = svg.querySelectorAll('[aria-label="cell"] rect');
  makeButtons([...rects], cells, pick);
  return svg;
}

/**
 * Cells that have no value are hatched: empty would look like the lowest one.
 * @param {string} id
 */
function hatch(id) {
  /**
   * @param {string} name
   * @param {Record<string, string | number>} attributes
   * @param {Element[]} children
   */
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.append(...children);
    return element;
  };
  return svg(
    'defs',
    {},
    svg(
      'pattern',
      { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      svg('rect', { width: 6, height: 6, fill: 'var(--panel)' }),
      svg('rect', { width: 1.2, height: 6, fill: 'var(--line-strong)' }),
    ),
  );
}

/**
 * A format without the zeros that end a decimal fraction: 0.5, not 0.500.
 * @param {Format} format
 * @returns {(value: number) => string}
 */
export const short = (format) => (value) =>
  format(value)
    .replace(/(\.\d*?)0+(?!\d)/, '$1')
    .replace(/\.(?!\d)/, '');

/** The part of a scale's length that two labels need between them. */
export const LABEL_ROOM = 0.19;

/**
 * Places on a log scale; its ends too where there are few and none is near.
 * @param {[number, number]} domain
 */
export function rampTicks([low, high]) {
  const ticks = logTicks([low, high]);
  /** @param {number} end */
  const isNear = (end) =>
    ticks.some((tick) => Math.abs(Math.log(tick / end)) < LABEL_ROOM * Math.log(high / low));
  return ticks.length > 2 ? ticks : [...ticks, ...[low, high].filter((end) => !isNear(end))];
}

/**
 * The colour scale with its ends in the metric's own format.
 * @param {ValuedCell[]} all
 * @param {Metric} metric
 */
export function legend(all, metric) {
  if (!all.some(({ value }) => value !== null)) return null;
  const scale = colourScale(all, metric);
  return Plot.legend({
    color: { ...scale, label: null },
    tickFormat: short(metric.format),
    ticks: scale.type === 'log' ? rampTicks(scale.domain) : 4,
    width: 260,
    height: 44,
    marginTop: 14,
    marginBottom: 18,
    marginLeft: 14,
    marginRight: 22,
    className: 'plot',
  });
}
