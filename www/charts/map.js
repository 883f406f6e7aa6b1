// A map: a pixel a cell, its colour scale, and the figure of the cell that is pointed at.
import * as Plot from '@observablehq/plot';
import { h } from '../dom/elements.js';
import { LABEL_ROOM, short } from './heatmap.js';
import { scheme } from './theme.js';

/** Width of the drawing; the height follows the matrix, within these. */
const WIDTH = 330;
const HEIGHTS = [110, 330];

/** From the least to the largest of what is shown; a scale of one value would have no length. */
function domainOf(values, log) {
  const shown = log ? values.filter((value) => value > 0) : values;
  if (!shown.length) return log ? [0.1, 1] : [0, 1];
  const [low, high] = [
    shown.reduce((a, b) => Math.min(a, b)),
    shown.reduce((a, b) => Math.max(a, b)),
  ];
  if (low < high) return [low, high];
  return log ? [low / 2, low * 2] : [Math.max(0, low - 0.01), high + 0.01];
}

const channels = (colour) =>
  colour.startsWith('#')
    ? colour
        .slice(1)
        .match(/../g)
        .map((two) => parseInt(two, 16))
    : colour.match(/\d+/g).slice(0, 3).map(Number);

function paint(canvas, { rows, columns, values }, scale) {
  const table = new Map();
  const colours = (value) => {
    if (!table.has(value)) table.set(value, [...channels(scale.apply(value)), 255]);
    return table.get(value);
  };
  const context = canvas.getContext('2d');
  const image = context.createImageData(columns, rows);
  values.forEach((value, i) => image.data.set(colours(value), 4 * i));
  context.putImageData(image, 0, 0);
}

/**
 * Arrow keys and pointer choose a cell; `tell(cell)` is what is said of it, '' where none is
 * chosen.
 */
function choosing(canvas, frame, mark, { rows, columns }, tell) {
  let chosen = null;
  const choose = (cell) => {
    chosen = cell;
    mark.hidden = cell === null;
    if (cell !== null) {
      const [left, top] = [(cell % columns) / columns, Math.floor(cell / columns) / rows];
      mark.style.cssText = `left: ${100 * left}%; top: ${100 * top}%; width: ${100 / columns}%; height: ${100 / rows}%`;
    }
    tell(cell);
  };
  const point = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
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
    const [dx, dy] = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    }[event.key] ?? [0, 0];
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
 * `values` of rows × columns cells, row by row; `aspect` is the height of the whole over its width,
 * `say(cell)` what is said of a cell. `level` is marked on the scale. `idle` is said while no cell
 * is pointed at.
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
  const color = { type: log ? 'log' : 'linear', domain, scheme: scheme(), clamp: true };
  const scale = Plot.scale({ color });
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
  const said = h('output', { class: 'quiet' }, idle);
  choosing(canvas, frame, mark, { rows, columns }, (cell) =>
    said.replaceChildren(cell === null ? idle : say(cell)),
  );
  const inside = level !== null && level > domain[0] && level < domain[1];
  const ticks = [domain[0], ...(inside ? [level] : []), domain[1]];
  const [low, at, high] = [domain[0], level, domain[1]].map((value) =>
    log ? Math.log(value) : value,
  );
  // The level keeps its mark where an end of the scale leaves no room for its label.
  const crowded = inside && Math.min(at - low, high - at) < LABEL_ROOM * (high - low);
  const written = short(format);
  const legend = Plot.legend({
    color: { ...color, label: null },
    ticks,
    tickFormat: (tick) => (crowded && tick === level ? '' : written(tick)),
    width: WIDTH,
    height: 40,
    marginTop: 8,
    marginBottom: 18,
    marginLeft: 24,
    marginRight: 24,
    className: 'plot',
  });
  return h('div', { class: 'mapped' }, frame, legend, said);
}
