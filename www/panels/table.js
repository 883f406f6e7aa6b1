// All tensors of a run: sorted by a click on a head, chosen by a filter, opened by a click.
import { h, replace } from '../dom/elements.js';
import { count, counted } from '../report/format.js';
import { availableMetrics } from '../report/metrics.js';
import { labelOf } from '../report/readings.js';
import {
  describeProblems,
  filterTensors,
  listColumns,
  sortRows,
  tableData,
  usualMetrics,
} from '../report/table.js';
import { describeShortened } from '../report/shortened.js';
import { copyMenu } from './table-copy.js';
import { TensorGrid } from './table-grid.js';

/** @import { Report, Tensor } from '../report/model.js' */
/** @import { Column } from '../report/table.js' */
/** @import { Choose, View } from './view.js' */

/** A key of the filter is not answered by the whole page before the next one comes. */
const SETTLE_MS = 80;
/** Narrower places have no room for the kind and the shape of a tensor. */
const NARROW = 600;
const ONLY_MATRICES = 'is:matrix';

/** @param {string} filter */
const termsOf = (filter) => filter.split(/\s+/).filter(Boolean);

/** Those of a report, however often its table is drawn anew. */
class TableState {
  /** @type {{ id: string, descending: boolean } | null} */
  sort = null;
  /** Ids of metrics; null for the usual ones. @type {string[] | null} */
  metrics = null;
}

/** @type {WeakMap<Report, TableState>} */
const states = new WeakMap();

/** @param {Report} report */
function stateOf(report) {
  const state = states.get(report) ?? new TableState();
  states.set(report, state);
  return state;
}

/** One table in one place: it is drawn once, and then follows the view. */
class TensorTable {
  /** @param {Choose} choose */
  constructor(choose) {
    this.#choose = choose;
    this.#grid = new TensorGrid({
      onOpen: (name) => choose({ tensor: name, ...(this.#view && { run: this.#view.run }) }),
      onSort: (id) => this.#sortBy(id),
    });
    this.element = h(
      'section',
      { class: 'tensor-table', 'aria-label': 'Table of tensors' },
      h(
        'div',
        { class: 'tools' },
        h('label', { class: 'search' }, h('span', { class: 'hidden' }, 'Filter'), this.#filter),
        h('label', { class: 'only' }, this.#matrices, 'Matrices only'),
        this.#chooser,
        copyMenu(
          () => tableData(this.#columns, this.#rows, this.#view?.alpha ?? 0),
          (text) => replace(this.#said, text),
        ),
        this.#shown,
        this.#said,
      ),
      this.#problem,
      this.#grid.element,
      h(
        'p',
        { class: 'help' },
        'Value, × random update of the same size, and a bar from 1× in the middle to 8× or ⅛×. ',
        'Filters: ',
        ['layer:2-5', '-norm', 'experts.3', 'rotation>5', 'unchanged<90%', 'nss>2x'].flatMap(
          (example, i) => [i > 0 && ', ', h('code', {}, example)],
        ),
        '.',
      ),
      this.#note,
    );
  }

  #choose;
  #grid;
  /** @type {View | null} */
  #view = null;
  /** @type {Column[]} */
  #columns = [];
  /** @type {Tensor[]} */
  #rows = [];
  /** What the rows were found for. @type {unknown[]} */
  #found = [];
  /** What the columns were chosen for. @type {string} */
  #chosen = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  #filter = h('input', {
    type: 'search',
    id: 'filter',
    'data-key': 'filter',
    placeholder: 'Filter: mlp layer:2-5 -norm rotation>5',
    spellcheck: false,
    autocomplete: 'off',
    oninput: () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#setFilter(this.#filter.value), SETTLE_MS);
    },
  });
  #matrices = h('input', {
    type: 'checkbox',
    'data-key': 'matrices only',
    onchange: () => {
      const rest = termsOf(this.#filter.value).filter((term) => term !== ONLY_MATRICES);
      this.#setFilter([...rest, ...(this.#matrices.checked ? [ONLY_MATRICES] : [])].join(' '));
    },
  });
  #choices = h('div', { class: 'choices' });
  #chooser = h(
    'details',
    { class: 'menu' },
    h('summary', { 'data-key': 'columns' }, 'Columns'),
    this.#choices,
  );
  #shown = h('span', { class: 'shown', role: 'status' });
  #said = h('span', { class: 'shown', role: 'status' });
  #note = h('p', { class: 'help', hidden: true });
  #problem = h('p', { class: 'wrong', role: 'alert', hidden: true });
  /** @type {HTMLElement} */
  element;

  /** @param {string} filter */
  #setFilter(filter) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#choose({ filter });
  }

  /** @param {string} id */
  #sortBy(id) {
    if (!this.#view) return;
    const state = stateOf(this.#view.report);
    const { sort } = state;
    const isMetric = this.#columns.some((column) => column.id === id && column.metric);
    state.sort = { id, descending: sort?.id === id ? !sort.descending : isMetric };
    this.update(this.#view);
  }

  /** @param {View} view */
  update(view) {
    const isNew = view.report !== this.#view?.report;
    this.#view = view;
    const { report, run, alpha, metric, filter } = view;
    const { tensors } = report.runs[run];
    const state = stateOf(report);
    const ids = state.metrics ?? usualMetrics(report, metric);
    // Columns that stay the same object leave the rows as they are.
    const narrow = view.width > 0 && view.width < NARROW;
    const chosen = [narrow, ...ids].join();
    if (isNew || this.#chosen !== chosen) {
      this.#chosen = chosen;
      this.#columns = listColumns(report, ids).filter(
        ({ id }) => !narrow || !['module', 'shape'].includes(id),
      );
      if (isNew) this.#drawNew(report);
      this.#markChosen(ids);
    }
    // What the reader is typing comes later; what came from elsewhere is shown.
    if (this.#timer === undefined && this.#filter.value !== filter) this.#filter.value = filter;
    this.#matrices.checked = termsOf(filter.toLowerCase()).includes(ONLY_MATRICES);
    const toTop = this.#findRows(tensors);
    const wrong = describeProblems(filter);
    this.#problem.hidden = !wrong;
    replace(this.#problem, wrong);
    replace(this.#shown, `${count(this.#rows.length)} of ${counted(tensors.length, 'tensor')}`);
    this.#grid.update(
      {
        rows: this.#rows,
        tensors,
        columns: this.#columns,
        alpha,
        open: view.tensor,
        sort: state.sort,
        narrow,
      },
      { toTop },
    );
  }

  /**
   * Finds the rows where what they depend on has changed; says whether they begin anew.
   * @param {Tensor[]} tensors
   */
  #findRows(tensors) {
    if (!this.#view) return false;
    const { report, alpha, filter } = this.#view;
    const { sort } = stateOf(report);
    const now = [tensors, filter, sort?.id, sort?.descending, alpha];
    const before = this.#found;
    if (now.every((part, i) => part === before[i])) return false;
    this.#found = now;
    const kept = filterTensors(tensors, filter, alpha);
    const column = this.#columns.find(({ id }) => id === sort?.id);
    this.#rows =
      column && sort
        ? sortRows(kept, (tensor) => column.value(tensor, alpha), sort.descending)
        : kept;
    return now.slice(1, 4).some((part, i) => part !== before[i + 1]);
  }

  /** @param {Report} report */
  #drawNew(report) {
    const note = describeShortened(report);
    this.#note.hidden = !note;
    replace(this.#note, note);
    this.#drawChooser(report);
  }

  /** @param {Report} report */
  #drawChooser(report) {
    const present = availableMetrics(report);
    /** @type {(id: string, isChosen: boolean) => void} */
    const set = (id, isChosen) => {
      if (!this.#view) return;
      const state = stateOf(report);
      const rest = (state.metrics ?? usualMetrics(report, this.#view.metric)).filter(
        (known) => known !== id,
      );
      state.metrics = isChosen ? [...rest, id] : rest;
      this.update(this.#view);
    };
    replace(
      this.#choices,
      [...new Set(present.map(({ group }) => group))].map((group) =>
        h(
          'fieldset',
          {},
          h('legend', {}, group),
          present
            .filter((metric) => metric.group === group)
            .map((metric) => {
              const { id } = metric;
              const box = h('input', {
                type: 'checkbox',
                'data-key': `column ${id}`,
                onchange: () => set(id, box.checked),
              });
              return h('label', {}, box, labelOf(metric));
            }),
        ),
      ),
    );
  }

  /** @param {string[]} ids */
  #markChosen(ids) {
    for (const box of this.#choices.querySelectorAll('input'))
      box.checked = ids.includes(box.getAttribute('data-key')?.replace(/^column /, '') ?? '');
  }
}

/**
 * A place on a page has its own way to choose, and keeps its table.
 * @type {WeakMap<Choose, TensorTable>}
 */
const tables = new WeakMap();

/**
 * The table of the run in focus. Called again from the same place it gives the same element, whose
 * rows have changed only where they had to.
 * @param {View} view
 * @param {Choose} choose
 */
export function drawTable(view, choose) {
  const table = tables.get(choose) ?? new TensorTable(choose);
  tables.set(choose, table);
  table.update(view);
  return table.element;
}
