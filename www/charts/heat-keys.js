// Pointer, touch and keyboard in a heatmap: one tab stop, arrows go from cell to cell, Enter opens.
import { s } from '../dom/svg.js';
import { findLine } from './heat-layout.js';
import { boxOf, ring } from './heat-marks.js';

/** @import { HeatCell } from './heat-marks.js' */
/** @import { HeatLayout } from './heat-layout.js' */
/** @import { Tip } from './chart-tip.js' */

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/**
 * The nearest cell from one in a direction; the cell itself where there is none.
 * @param {Map<string, number>} places
 * @param {{ row: number, column: number }} from
 * @param {[number, number]} step
 * @param {{ rows: number, columns: number }} size
 */
export function findNext(places, from, [down, across], { rows, columns }) {
  let { row, column } = from;
  for (;;) {
    [row, column] = [row + down, column + across];
    if (row < 0 || column < 0 || row >= rows || column >= columns) return null;
    const found = places.get(`${row} ${column}`);
    if (found !== undefined) return found;
  }
}

/**
 * Where the keyboard comes in: at the cell that is open, else at the first one.
 * @param {HeatCell[]} cells
 */
function findStart(cells) {
  const selected = cells.findIndex((cell) => cell.selected);
  if (selected >= 0) return selected;
  return cells.reduce((best, { row, column }, i) => {
    const first = cells[best];
    return row < first.row || (row === first.row && column < first.column) ? i : best;
  }, 0);
}

/**
 * The cell that Home or End goes to: the first or last of its row.
 * @param {HeatCell[]} cells
 * @param {HeatCell} from
 * @param {string} key
 */
function findEnd(cells, from, key) {
  const sign = key === 'Home' ? 1 : -1;
  return cells.reduce(
    (best, cell, i) =>
      cell.row === from.row && sign * cell.column < sign * cells[best].column ? i : best,
    cells.indexOf(from),
  );
}

/**
 * Stands for the cell that has the focus where cells have no elements of their own.
 * @param {HeatCell} cell
 * @param {HeatLayout} layout
 * @param {number} place
 */
function drawCursor(cell, layout, place) {
  const [name, ...about] = cell.describe();
  return s(
    'g',
    { role: 'row', 'aria-rowindex': cell.row + 1, class: 'heat-cursor' },
    s('rect', {
      ...boxOf(cell, layout),
      fill: 'transparent',
      role: 'gridcell',
      tabindex: 0,
      class: 'heat-cell',
      'aria-colindex': cell.column + 1,
      'aria-label': `${name}: ${about.join(', ')}`,
      'aria-current': cell.selected && 'true',
      'data-key': cell.key,
      'data-place': place,
    }),
  );
}

/**
 * @param {object} parts
 * @param {HTMLElement} parts.frame What scrolls; the tip stands beside it.
 * @param {SVGSVGElement} parts.svg
 * @param {HeatCell[]} parts.cells
 * @param {SVGElement[]} parts.marks The cells' elements; none where they have none.
 * @param {HeatLayout} parts.layout
 * @param {Tip} parts.tip
 */
export function letExplore({ frame, svg, cells, marks, layout, tip }) {
  if (!cells.length) return;
  const places = new Map(cells.map(({ row, column }, i) => [`${row} ${column}`, i]));
  const size = { rows: layout.ys.length, columns: layout.xs.length };
  let current = findStart(cells);
  /** @type {Element | null} */
  let cursor = null;
  /** @type {Element | null} */
  let frameOfFocus = null;

  /** The element of the current cell; where cells have none, one is drawn for it. */
  const markCurrent = () => {
    if (marks.length) return marks[current];
    cursor = drawCursor(cells[current], layout, current);
    svg.append(cursor);
    return /** @type {SVGElement} */ (cursor.firstElementChild);
  };
  /** @param {number} place */
  const show = (place) => {
    const box = boxOf(cells[place], layout);
    tip.show(cells[place].describe(), {
      ...box,
      x: box.x - frame.scrollLeft + frame.offsetLeft,
      y: box.y + frame.offsetTop,
    });
  };
  /**
   * Moves the one tab stop, and the focus with it.
   * @param {number} place
   * @param {boolean} focus
   */
  const moveTo = (place, focus) => {
    marks[current]?.setAttribute('tabindex', '-1');
    current = place;
    const before = cursor;
    const mark = markCurrent();
    mark.setAttribute('tabindex', '0');
    if (focus) mark.focus();
    before?.remove();
  };
  /**
   * The cell below a pointer, or the one that an event was sent to.
   * @param {MouseEvent} event
   */
  const cellAt = ({ target, clientX, clientY }) => {
    const place = /** @type {Element} */ (target).getAttribute('data-place');
    if (place !== null) return Number(place);
    const { left, top, width } = svg.getBoundingClientRect();
    const scale = layout.width / width;
    const column = findLine(layout.xs, layout.cellWidth, (clientX - left) * scale);
    const row = findLine(layout.ys, layout.cellHeight, (clientY - top) * scale);
    return places.get(`${row} ${column}`) ?? null;
  };

  moveTo(current, false);
  /** What was shown when a finger came down: a first tap tells, a second one opens. */
  let told = -1;
  let touched = false;
  svg.addEventListener('pointermove', (event) => {
    const place = cellAt(event);
    if (place === null) tip.hide();
    else show(place);
  });
  svg.addEventListener('pointerdown', (event) => {
    touched = event.pointerType === 'touch';
  });
  svg.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'mouse' && tip.hide());
  svg.addEventListener('click', (event) => {
    const place = cellAt(event);
    if (place === null) return;
    moveTo(place, touched);
    if (touched && told !== place) {
      told = place;
      show(place);
      return;
    }
    touched = false;
    cells[place].open();
  });
  // On the frame: an SVG element that listens to the focus would be a tab stop itself.
  frame.addEventListener('focusin', (event) => {
    const place = /** @type {Element} */ (event.target).getAttribute('data-place');
    if (place === null) return;
    if (Number(place) !== current) moveTo(Number(place), false);
    frameOfFocus?.remove();
    frameOfFocus = null;
    if (!(/** @type {Element} */ (event.target).matches(':focus-visible'))) return;
    frameOfFocus = ring(boxOf(cells[current], layout), 'heat-focus');
    svg.append(frameOfFocus);
    show(current);
  });
  frame.addEventListener('focusout', () => {
    frameOfFocus?.remove();
    frameOfFocus = null;
    tip.hide();
  });
  frame.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      cells[current].open();
      return;
    }
    if (event.key === 'Escape') {
      // What lies around the chart closes at the next press.
      if (!tip.element.hidden) event.stopPropagation();
      tip.hide();
      return;
    }
    const arrow = ARROWS[event.key];
    const next = arrow
      ? findNext(places, cells[current], arrow, size)
      : ['Home', 'End'].includes(event.key)
        ? findEnd(cells, cells[current], event.key)
        : null;
    if (!arrow && next === null) return;
    event.preventDefault();
    if (next !== null) moveTo(next, true);
  });
}
