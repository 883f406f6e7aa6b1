// A map: a pixel a cell, its colour scale, and the value of the cell that is pointed at.
import * as Plot from '@observablehq/plot';
import { h } from '../dom/elements.js';
import { LABEL_ROOM, short } from './heatmap.js';
import { channelsOf, scheme } from './theme.js';

/** @import { Values } from '../report/maps.js' */
/** @import { Format } from '../report/format.js' */

/** @typedef {{ rows: number, columns: number }} Size */

/** Width of the drawing; the height follows the matrix, within these. */
const WIDTH = 330;
const HEIGHTS = [110, 330];

/**
 * From the least to the largest of what is shown; a scale of one value would have no length.
 * @param {Values} values
 * @param {boolean} log
 * @returns {[number, number]}
 */
function domainOf(values, log) {
  const shown = Array.from(values).filter((value) => !log || value > 0);
  if (!shown.length) return log ? [0.1, 1] : [0, 1];
  const [low, high] = [
    shown.reduce((a, b) => Math.min(a, b)),
    shown.reduce((a, b) => Math.max(a, b)),
  ];
  if (low < high) return [low, high];
  return log ? [low / 2, low * 2] : [Math.max(0, low - 0.01), high + 0.01];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Size & { values: Values }} map
 * @param {Plot.Scale} scale
 */
function paint(canvas, { rows, columns, values }, scale) {
  /** @type {Map<number, number[]>} */
  const pixels = new Map();
  /** @param {number} value */
  const pixelOf = (value) => {
    const pixel = pixels.get(value) ?? [...channelsOf(scale.apply(value)), 255];
    pixels.set(value, pixel);
    return pixel;
  };
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  Array.from(values).forEach((value, i) => image.data.set(pixelOf(value), 4 * i));
  context.putImageData(image, 0, 0);
}

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Lets arrow keys and the pointer choose a cell.
 * @param {object} parts
 * @param {HTMLCanvasElement} parts.canvas
 * @param {HTMLElement} parts.frame
 * @param {HTMLElement} parts.mark
 * @param {Size} size
 * @param {(cell: number | null) => void} tell Null where none is chosen.
 */
function letChoose({ canvas, frame, mark }, { rows, columns }, tell) {
  /** @type {number | null} */
  let chosen = null;
  /** @param {number | null} cell */
  const choose = (cell) => {
    chosen = cell;
    mark.hidden = cell === null;
    if (cell !== null) {
      const [left, top] = [(cell % columns) / columns, Math.floor(cell / columns) / rows];
      mark.style.cssText =
        `left: ${100 * left}%; top: ${100 * top}%; ` +
        `width: ${100 / columns}%; height: ${100 / rows}%`;
    }
    tell(cell);
  };
  /** @param {PointerEvent} event */
  const point = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    /** @type {(place: number, count: number) => number} */
    const at = (place, count) => Math.min(count - 1, Math.max(0, Math.floor(place * count)));
    choose(at((clientY - top) / height, rows) * columns + at((clientX - left) / width, columns));
  };
  frame.addEventListener('pointermove', point);
  frame.addEventListener('pointerdown', point);
  frame.addEventListener(
    'pointerleave',
    ({ pointerType }) => pointerType === 'mouse' && choose(null),
  );
  frame.addEventListener('blur', () => choose(null));
  frame.addEventListener('keydown', (event) => {
    const [dx, dy] = ARROWS[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    const [row, column] =
      chosen === null ? [0, 0] : [Math.floor(chosen / columns) + dy, (chosen % columns) + dx];
    choose(
      Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column)),
    );
  });
}

/**
 * @param {object} map
 * @param {number} map.rows
 * @param {number} map.columns
 * @param {Values} map.values Of the cells, row by row.
 * @param {number} map.aspect Height of the whole over its width.
 * @param {(cell: number) => string} map.say The text of a cell.
 * @param {Format} map.format
 * @param {boolean} [map.log]
 * @param {number | null} [map.level] Marked on the scale.
 * @param {string} map.label
 * @param {string} [map.idle] The text while no cell is pointed at.
 */
export function cellMap({
  rows,
  columns,
  values,
  aspect,
  say,
  format,
  log = false,
  level = null,
  label,
  idle = 'Point at a cell for its figure.',
}) {
  const domain = domainOf(values, log);
  /** @type {Plot.ScaleOptions} */
  const color = { type: log ? 'log' : 'linear', domain, scheme: scheme(), clamp: true };
  const scale = /** @type {Plot.Scale} */ (Plot.scale({ color }));
  const canvas = h('canvas', { width: columns, height: rows, 'aria-hidden': 'true' });
  paint(canvas, { rows, columns, values }, scale);
  const mark = h('span', { class: 'cell', hidden: true });
  const height = Math.round(Math.min(HEIGHTS[1], Math.max(HEIGHTS[0], WIDTH * aspect)));
  const frame = h(
    'div',
    {
      class: 'map',
      role: 'img',
      tabIndex: 0,
      'aria-label': `${label}. Arrow keys go from cell to cell.`,
      style: `width: ${WIDTH}px; aspect-ratio: ${WIDTH} / ${height}`,
    },
    canvas,
    mark,
  );
  const text = h('output', { class: 'quiet' }, idle);
  letChoose({ canvas, frame, mark }, { rows, columns }, (cell) =>
    text.replaceChildren(cell === null ? idle : say(cell)),
  );
  const inside = level !== null && level > domain[0] && level < domain[1];
  const ticks = [domain[0], ...(inside ? [level] : []), domain[1]];
  const [low, at, high] = [domain[0], level ?? 0, domain[1]].map((value) =>
    log ? Math.log(value) : value,
  );
  // The level keeps its mark where an end of the scale leaves no room for its label.
  const crowded = inside && Math.min(at - low, high - at) < LABEL_ROOM * (high - low);
  const writeTick = short(format);
  const legend = Plot.legend({
    color: { ...color, label: null },
    ticks,
    tickFormat: (/** @type {number} */ tick) => (crowded && tick === level ? '' : writeTick(tick)),
    width: WIDTH,
    height: 40,
    marginTop: 8,
    marginBottom: 18,
    marginLeft: 24,
    marginRight: 24,
    className: 'plot',
  });
  return h('div', { class: 'mapped' }, frame, legend, text);
}
