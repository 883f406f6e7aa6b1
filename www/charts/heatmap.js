// A heatmap: cells of one colour scale, in rows and columns that a reader walks by keyboard.
import { h } from '../dom/elements.js';
import { s } from '../dom/svg.js';
import { labelsOf, layOut, shortenLabel, shortenUpright } from './heat-layout.js';
import { boxOf, hatch, nameHatch, ring } from './heat-marks.js';

/** @import { HeatLayout, HeatLine } from './heat-layout.js' */
/** @import { HeatCell } from './heat-marks.js' */
/** @import { Tip } from './chart-tip.js' */

/**
 * @typedef {object} Heat
 * @property {string} label
 * @property {'div' | 'seq'} map
 * @property {HeatLine[]} rows
 * @property {HeatLine[]} columns
 * @property {{ label: string, colour: string | null }[]} groups Named above their cells where
 * there are several.
 * @property {HeatCell[]} cells
 * @property {string} corner What the labels of columns are.
 * @property {number} room
 * @property {number} [least] See `layOut`.
 * @property {boolean} [low] See `layOut`.
 * @property {Tip | null} tip
 * @property {Explore | null} explore What answers the pointer and the keyboard.
 */

/**
 * @typedef {(parts: {
 *   frame: HTMLElement, svg: SVGSVGElement, cells: HeatCell[], marks: SVGElement[],
 *   layout: HeatLayout, tip: Tip
 * }) => void} Explore
 */

/** Cells of their own up to this many; more are drawn as one path for each colour. */
const MOST_NODES = 2500;

/**
 * @param {Heat} heat
 * @param {HeatLayout} layout
 */
function columnHeads({ columns, groups, rows, corner }, layout) {
  const { xs, ys, labels, head, cellWidth, upright, columnStep } = layout;
  const stacked = groups.length > 1 && rows.some(({ group }) => group);
  const base = head - (stacked ? 22 : 0) - (upright ? 8 : 5);
  const named = columns.map(({ label }, i) => {
    const numbers = columns.slice(0, i).filter(({ group }) => group === columns[i].group).length;
    if (numbers % columnStep) return null;
    const x = xs[i] + cellWidth / 2;
    return upright
      ? s('text', { transform: `translate(${x + 4} ${base}) rotate(-90)` }, shortenUpright(label))
      : s('text', { x, y: base, 'text-anchor': 'middle' }, label);
  });
  /** What a group's name has before the next one begins. @param {number} group */
  const roomOf = (group) =>
    stacked ? layout.width : cellWidth * columns.filter((column) => column.group === group).length;
  const names = groups.map(({ label, colour }, group) => {
    const first = stacked
      ? rows.findIndex((row) => row.group === group)
      : columns.findIndex((column) => column.group === group);
    if (groups.length < 2 || first < 0) return null;
    const [x, y] = stacked ? [labels, ys[first] - 7] : [xs[first], 13];
    return [
      colour && s('circle', { cx: x + 5, cy: y - 4, r: 5, fill: colour }),
      s(
        'text',
        { x: x + (colour ? 14 : 0), y, class: 'heat-group' },
        shortenLabel(label, roomOf(group)),
        s('title', {}, label),
      ),
    ];
  });
  return s(
    'g',
    { 'aria-hidden': 'true' },
    s('text', { x: labels - 8, y: base, 'text-anchor': 'end', class: 'heat-quiet' }, corner),
    named,
    names,
  );
}

/**
 * Labels of rows: they stay where they are while the cells scroll below them.
 * @param {Heat} heat
 * @param {HeatLayout} layout
 */
const rowHeads = ({ rows }, { ys, labels, head, height, cellHeight, rowStep }) =>
  s(
    'g',
    { 'aria-hidden': 'true', class: 'heat-rows' },
    s('rect', { x: 0, y: head - 2, width: labels - 2, height: height - head + 2, class: 'ground' }),
    rows.map(({ label }, i) =>
      i % rowStep
        ? null
        : s(
            'text',
            { x: labels - 8, y: ys[i] + cellHeight / 2 + 4, 'text-anchor': 'end' },
            shortenLabel(label, labels),
            label.length > 12 && s('title', {}, label),
          ),
    ),
  );

/** @type {(heat: Heat, id: string, step: number | null) => string} */
const fillOf = ({ map }, id, step) => (step === null ? `url(#${id})` : `var(--${map}-${step})`);

/**
 * A rectangle for each cell, in the rows of a grid.
 * @param {Heat} heat
 * @param {HeatLayout} layout
 * @param {string} id Of the hatch.
 */
function drawCells(heat, layout, id) {
  /** @type {SVGElement[]} */
  const marks = [];
  /** @type {SVGElement[][]} */
  const lines = heat.rows.map(() => []);
  heat.cells.forEach((cell, i) => {
    const [name, ...about] = cell.describe();
    const mark = s('rect', {
      ...boxOf(cell, layout),
      rx: layout.cellWidth > 16 ? 2 : 0,
      fill: fillOf(heat, id, cell.step),
      role: 'gridcell',
      tabindex: -1,
      class: `heat-cell${cell.faded ? ' faded' : ''}`,
      'aria-colindex': cell.column + 1,
      'aria-label': name && `${name}: ${about.join(', ')}`,
      'aria-current': cell.selected && 'true',
      'data-key': cell.key,
      'data-place': i,
    });
    marks[i] = mark;
    lines[cell.row].push(mark);
  });
  const rows = lines.map((cells, i) =>
    cells.length ? s('g', { role: 'row', 'aria-rowindex': i + 1 }, cells) : null,
  );
  return { marks, rows };
}

/**
 * One path for all cells of a colour: thousands of cells are a dozen elements.
 * @param {Heat} heat
 * @param {HeatLayout} layout
 * @param {string} id
 */
function drawPaths(heat, layout, id) {
  const { xs, ys, cellWidth, cellHeight } = layout;
  const shape = `h${cellWidth - 1}v${cellHeight - 1}h${1 - cellWidth}z`;
  /** @type {Map<number, string>} */
  const paths = new Map();
  for (const { row, column, step, faded } of heat.cells) {
    const key = (step ?? 0) * 2 + Number(faded);
    const part = `M${xs[column] + 0.5} ${ys[row] + 0.5}${shape}`;
    paths.set(key, (paths.get(key) ?? '') + part);
  }
  return [...paths].map(([key, d]) =>
    s('path', {
      d,
      fill: fillOf(heat, id, key >> 1 || null),
      class: `heat-cells${key % 2 ? ' faded' : ''}`,
    }),
  );
}

/**
 * Texts in the cells, in the ink of their colour.
 * @param {Heat} heat
 * @param {HeatLayout} layout
 */
function drawTexts({ cells, map }, layout) {
  if (!layout.hasText) return null;
  return s(
    'g',
    { 'aria-hidden': 'true', class: 'heat-texts' },
    cells.map((cell) => {
      if (cell.step === null || cell.faded) return null;
      const { x, y, width, height } = boxOf(cell, layout);
      return s(
        'text',
        { x: x + width / 2, y: y + height / 2 + 4, fill: `var(--${map}-ink-${cell.step})` },
        cell.text,
      );
    }),
  );
}

/**
 * Whiskers in cells of many tensors: the width of a cell stands for the length of the scale.
 * @param {Heat} heat
 * @param {HeatLayout} layout
 */
const drawSpreads = ({ cells, map }, layout) =>
  s(
    'g',
    { 'aria-hidden': 'true', class: 'heat-spreads' },
    cells.map((cell) => {
      if (!cell.spread || cell.step === null || cell.faded || layout.cellWidth < 16) return null;
      const { x, y, width, height } = boxOf(cell, layout);
      const [from, to] = cell.spread.map((part) => x + 2 + part * (width - 4));
      return s('path', {
        d: `M${from} ${y + height - 3}H${Math.max(to, from + 1)}`,
        stroke: `var(--${map}-ink-${cell.step})`,
      });
    }),
  );

/**
 * A heatmap in a frame of its own that scrolls sideways where there is no room.
 * @param {Heat} heat
 */
export function heatmap(heat) {
  const { label, rows, columns, cells, groups, room, least, low, tip, explore } = heat;
  const letters = cells.reduce((most, { text }) => Math.max(most, text.length), 1);
  const isNamed = groups.length > 1;
  const layout = layOut({
    ...{ rows, columns, room, letters, isNamed, low },
    least: Math.max(least ?? 0, labelsOf([{ label: heat.corner }])),
  });
  const id = nameHatch();
  const asNodes = cells.length <= MOST_NODES;
  const { marks, rows: lines } = asNodes
    ? drawCells(heat, layout, id)
    : { marks: [], rows: drawPaths(heat, layout, id) };
  const svg = s(
    'svg',
    {
      width: layout.width,
      height: layout.height,
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      class: 'heat',
      role: 'grid',
      'aria-label': label,
      'aria-rowcount': rows.length,
      'aria-colcount': columns.length,
      'aria-readonly': 'true',
    },
    hatch(id),
    lines,
    drawTexts(heat, layout),
    drawSpreads(heat, layout),
    s(
      'g',
      { 'data-not-exported': '' },
      cells
        .filter(({ selected }) => selected)
        .map((cell) => ring(boxOf(cell, layout), 'heat-chosen')),
    ),
    columnHeads(heat, layout),
    rowHeads(heat, layout),
  );
  const frame = h('div', { class: 'heat-scroll', 'data-scroll': true }, svg);
  frame.style.scrollPaddingInlineStart = `${layout.labels + 8}px`;
  frame.addEventListener('scroll', () => {
    frame.style.setProperty('--heat-scrolled', `${frame.scrollLeft}px`);
    frame.classList.toggle('scrolled', frame.scrollLeft > 0);
    tip?.hide();
  });
  const chosen = cells.find(({ selected }) => selected);
  if (chosen)
    requestAnimationFrame(() => {
      const { x, width } = boxOf(chosen, layout);
      const right = x + width - frame.clientWidth;
      if (frame.scrollLeft < right) frame.scrollLeft = right + 12;
    });
  if (tip) explore?.({ frame, svg, cells, marks, layout, tip });
  return frame;
}
