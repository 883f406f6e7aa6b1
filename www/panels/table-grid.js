// A long table of which only the rows in sight are in the document. The keyboard's place is one
// row, which stays there even while it is scrolled out of sight, so that the focus is never lost.
import { h, replace } from '../dom/elements.js';
import { rowOfKey, topForRow, visibleRows } from '../dom/window.js';
import { tensorCells } from './table-cells.js';

/** @import { Tensor } from '../report/model.js' */
/** @import { Column } from '../report/table.js' */

/** Pixels; www/styles/panels/table.css gives rows this height. */
const ROW = 34;
/**
 * Pixels of a column; on a phone names are cut, so that there is room for a value beside them.
 * @type {Record<string, number>}
 */
const WIDTHS = { layer: 52, name: 236, module: 76, shape: 116, metric: 138 };
/** @type {Record<string, number>} */
const NARROW_WIDTHS = { ...WIDTHS, layer: 44, name: 150, metric: 130 };
/** Before it is known how much there is to see. */
const USUAL_HEIGHT = 20 * ROW;

/**
 * What the grid shows.
 * @typedef {object} Content
 * @property {Tensor[]} rows In order.
 * @property {Tensor[]} tensors All of the run.
 * @property {Column[]} columns
 * @property {number} alpha
 * @property {string | null} open The name of the tensor that is open.
 * @property {{ id: string, descending: boolean } | null} sort
 * @property {boolean} narrow Whether there is no more room than on a phone.
 */

/**
 * @param {(id: string) => void} onSort
 * @returns {(column: Column, place: number) => HTMLElement}
 */
const headCell =
  (onSort) =>
  ({ id, label, about, metric }, place) =>
    h(
      'div',
      {
        role: 'columnheader',
        class: metric ? 'n' : id,
        'aria-colindex': String(place + 1),
      },
      h(
        'button',
        {
          type: 'button',
          class: 'sort',
          title: about,
          'data-column': id,
          'data-key': `sort ${id}`,
          onclick: () => onSort(id),
        },
        label,
      ),
    );

/** @typedef {{ element: HTMLElement, tensor: Tensor | null, drawnFor: object | null }} DrawnRow */

export class TensorGrid {
  /**
   * @param {object} told
   * @param {(name: string) => void} told.onOpen
   * @param {(id: string) => void} told.onSort
   */
  constructor({ onOpen, onSort }) {
    this.#onOpen = onOpen;
    this.#onSort = onSort;
    this.element.addEventListener('scroll', () => this.#follow());
    this.element.addEventListener('keydown', (event) => this.#press(event));
    this.#body.addEventListener('click', (event) => this.#click(event));
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  #onOpen;
  #onSort;
  #head = h('div', { role: 'row', class: 'head', 'aria-rowindex': '1' });
  #body = h('div', { role: 'rowgroup', class: 'rows' });
  element = h(
    'div',
    { role: 'grid', class: 'tensor-grid', 'aria-label': 'Tensors' },
    h('div', { role: 'rowgroup', class: 'heads' }, this.#head),
    this.#body,
  );
  /** @type {Content | null} */
  #content = null;
  /** Rows by their tensor's name. @type {Map<string, DrawnRow>} */
  #drawn = new Map();
  /** The keyboard's place. */
  #active = 0;
  #top = 0;
  /** Pixels for rows; asked for after a change it would have the document laid out at once. */
  #height = USUAL_HEIGHT;
  /** The columns that the head has. @type {Column[] | null} */
  #headOf = null;

  /**
   * @param {Content} content
   * @param {{ toTop?: boolean }} options
   */
  update(content, { toTop = false } = {}) {
    const before = this.#content?.rows[this.#active]?.name;
    this.#content = content;
    const again = content.rows.findIndex(({ name }) => name === before);
    this.#active = Math.max(0, again);
    const isMoved = (toTop && this.#top !== 0) || !this.element.isConnected;
    if (toTop) this.#top = 0;
    this.element.setAttribute('aria-rowcount', String(content.rows.length + 1));
    this.element.setAttribute('aria-colcount', String(content.columns.length));
    const of = content.narrow ? NARROW_WIDTHS : WIDTHS;
    const widths = content.columns.map(({ id }) => of[id] ?? of.metric);
    const tracks = widths.map((width, i) => (i === 1 ? `minmax(${width}px, 1fr)` : `${width}px`));
    this.element.style.setProperty('--tracks', tracks.join(' '));
    this.element.style.setProperty('--first', `${widths[0]}px`);
    this.element.style.setProperty('--least', `${widths.reduce((all, width) => all + width, 0)}px`);
    this.#body.style.height = `${content.rows.length * ROW}px`;
    // A group without a row is none.
    this.#body.setAttribute('role', content.rows.length ? 'rowgroup' : 'presentation');
    this.#drawHead();
    this.#draw();
    // Taken out of the document and put back, an element forgets how far it was scrolled.
    if (isMoved)
      queueMicrotask(() => {
        if (this.element.scrollTop !== this.#top) this.element.scrollTop = this.#top;
      });
  }

  /** A head that stays keeps its node, and so the focus. */
  #drawHead() {
    const { columns = [], sort = null } = this.#content ?? {};
    if (this.#headOf !== columns) replace(this.#head, columns.map(headCell(this.#onSort)));
    this.#headOf = columns;
    columns.forEach(({ id }, place) => {
      const order = sort?.id !== id ? 'none' : sort.descending ? 'descending' : 'ascending';
      this.#head.children[place].setAttribute('aria-sort', order);
    });
  }

  #resize() {
    this.#height = this.element.clientHeight - this.#head.offsetHeight || USUAL_HEIGHT;
    this.#draw();
  }

  #follow() {
    // Out of the document nothing is scrolled; what is told then is not the reader's doing.
    if (!this.element.isConnected) return;
    this.#top = this.element.scrollTop;
    this.#draw();
  }

  /** Draws what has come into sight, and takes away what has left it. */
  #draw() {
    const content = this.#content;
    if (!content) return;
    const { rows } = content;
    const [from, to] = visibleRows({
      top: this.#top,
      height: this.#height,
      row: ROW,
      count: rows.length,
    });
    const wanted = new Set(rows.slice(from, to).map(({ name }) => name));
    if (rows[this.#active]) wanted.add(rows[this.#active].name);
    for (const [name, { element }] of this.#drawn)
      if (!wanted.has(name)) {
        element.remove();
        this.#drawn.delete(name);
      }
    for (let place = from; place < to; place += 1) this.#place(content, place);
    if (this.#active < from || this.#active >= to) this.#place(content, this.#active);
    this.#putInOrder();
  }

  /** Readers of the screen go by the order in the document, which a new order of rows changes. */
  #putInOrder() {
    const rows = [...this.#drawn.values()]
      .map(({ element }) => ({ element, top: parseFloat(element.style.top) }))
      .sort((a, b) => b.top - a.top);
    const active = rows.find(({ element }) => element.matches(':focus'))?.element;
    /** @type {HTMLElement | null} */
    let next = null;
    for (const { element } of rows) {
      if (element.nextSibling !== next || element.parentNode !== this.#body)
        this.#body.insertBefore(element, next);
      next = element;
    }
    if (active && !active.matches(':focus')) active.focus({ preventScroll: true });
  }

  /**
   * @param {Content} content
   * @param {number} place
   */
  #place(content, place) {
    const tensor = content.rows[place];
    if (!tensor) return;
    const known = this.#drawn.get(tensor.name);
    const row = known ?? {
      element: h('div', { role: 'row', class: 'row', 'data-key': `row ${tensor.name}` }),
      tensor: null,
      drawnFor: null,
    };
    const { element } = row;
    element.style.top = `${place * ROW}px`;
    element.setAttribute('aria-rowindex', String(place + 2));
    element.tabIndex = place === this.#active ? 0 : -1;
    if (row.drawnFor !== content) {
      element.classList.toggle('failed', tensor.status === 'failed');
      if (tensor.name === content.open) element.setAttribute('aria-current', 'true');
      else element.removeAttribute('aria-current');
      if (row.tensor !== tensor || !sameCells(row.drawnFor, content))
        replace(element, tensorCells(tensor, content.columns, content));
      Object.assign(row, { tensor, drawnFor: content });
    }
    if (!known) this.#drawn.set(tensor.name, row);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const row = /** @type {HTMLElement} */ (event.target).closest('.row');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const count = this.#content?.rows.length ?? 0;
    const page = Math.floor(this.#height / ROW);
    const next = rowOfKey(event.key, this.#active, count, page);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#open(this.#active);
    }
    if (next === null) return;
    event.preventDefault();
    this.#focus(next);
  }

  /** @param {number} place */
  #focus(place) {
    this.#active = place;
    this.#top = topForRow(place, { top: this.#top, height: this.#height, row: ROW });
    this.element.scrollTop = this.#top;
    this.#draw();
    const name = this.#content?.rows[place]?.name;
    if (name !== undefined) this.#drawn.get(name)?.element.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  #click(event) {
    const row = /** @type {HTMLElement} */ (event.target).closest('.row');
    const place = Number(row?.getAttribute('aria-rowindex')) - 2;
    if (!row || !(place >= 0)) return;
    this.#focus(place);
    this.#open(place);
  }

  /** @param {number} place */
  #open(place) {
    const name = this.#content?.rows[place]?.name;
    if (name !== undefined) this.#onOpen(name);
  }
}

/**
 * @param {Content | null | any} before
 * @param {Content} now
 */
const sameCells = (before, now) =>
  before !== null && before.columns === now.columns && before.alpha === now.alpha;
