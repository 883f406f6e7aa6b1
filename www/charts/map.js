// A map: a pixel a cell, its colour scale, and the value of the cell that is pointed at.
import { h } from '../dom/elements.js';
import { mapLegend, mapScale } from './map-scale.js';
import { mixStops, readPalette } from './palette.js';
import { onTheme } from './theme.js';

/** @import { Values } from '../report/maps.js' */
/** @import { Format } from '../report/format.js' */
/** @import { MapScale } from './map-scale.js' */
/** @import { Channels } from './palette.js' */

/** @typedef {{ rows: number, columns: number }} Size */

/** Width of the drawing; the height follows the matrix, within these. */
const WIDTH = 330;
const HEIGHTS = [110, 330];

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Size & { values: Values }} map
 * @param {MapScale} scale
 */
function paint(canvas, { rows, columns, values }, { palette, place }) {
  const stops = readPalette(canvas.parentElement ?? canvas, palette);
  /** @type {Map<number, Channels>} */
  const pixels = new Map();
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  Array.from(values).forEach((value, i) => {
    const pixel = pixels.get(value) ?? mixStops(stops, place(value));
    pixels.set(value, pixel);
    image.data.set([...pixel, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

/**
 * Pixels cannot follow a variable: they are painted again for the other theme.
 * @type {WeakMap<HTMLCanvasElement, () => void>}
 */
const repaints = new WeakMap();
/** @type {Set<WeakRef<HTMLCanvasElement>>} */
const painted = new Set();
onTheme(() => {
  for (const known of painted) {
    const canvas = known.deref();
    if (!canvas) painted.delete(known);
    else if (canvas.isConnected) repaints.get(canvas)?.();
  }
});

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
 * @param {number | null} [map.level] What every cell would have by a random update.
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
  idle = 'Point at a cell for its value.',
}) {
  const scale = mapScale(values, { level, log, format });
  const canvas = h('canvas', { width: columns, height: rows, 'aria-hidden': 'true' });
  const mark = h('span', { class: 'cell', hidden: true });
  const height = Math.round(Math.min(HEIGHTS[1], Math.max(HEIGHTS[0], WIDTH * aspect)));
  const frame = h(
    'div',
    {
      class: 'map',
      role: 'application',
      'aria-roledescription': 'map',
      tabIndex: 0,
      'aria-label': `${label}. Arrow keys go from cell to cell.`,
    },
    canvas,
    mark,
  );
  Object.assign(frame.style, { width: `${WIDTH}px`, aspectRatio: `${WIDTH} / ${height}` });
  const text = h('output', { class: 'quiet' }, idle);
  letChoose({ canvas, frame, mark }, { rows, columns }, (cell) =>
    text.replaceChildren(cell === null ? idle : say(cell)),
  );
  const repaint = () => paint(canvas, { rows, columns, values }, scale);
  repaint();
  // Where it stands is known only now; its colours may be those of a host of its own.
  new ResizeObserver(repaint).observe(canvas);
  repaints.set(canvas, repaint);
  painted.add(new WeakRef(canvas));
  return h('div', { class: 'mapped' }, frame, mapLegend(scale, WIDTH), text);
}
