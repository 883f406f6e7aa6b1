// Every tensor of the run: sort by a click on a head, filter by text.
import { breakable, h, replace } from '../../dom/elements.js';
import { redrawKeepingFocus } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { hasBase } from '../../report/listed.js';
import { METRICS, availableMetrics } from '../../report/metrics.js';
import { filterTensors, sortRows } from '../../report/table.js';
import { count, shape } from '../../report/format.js';
import { chooseFrom } from './panel.js';

/** @import { Report, Tensor } from '../../report/model.js' */
/** @import { Format } from '../../report/format.js' */
/** @import { State } from '../../app/state.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { Choose } from '../../panels/view.js' */

/**
 * A column of the table: a metric, or what tells a tensor.
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label
 * @property {string} [about]
 * @property {(tensor: Tensor, alpha: number) => string | number | null} value
 * @property {(tensor: Tensor, alpha: number) => number | null} [chance]
 * @property {Format} [format]
 * @property {(tensor: Tensor) => string} [text]
 * @property {boolean} [numeric]
 */

/**
 * A big model has thousands of tensors: rows beyond this come on request, so that a click stays
 * quick.
 */
const FIRST_ROWS = 300;

/** @type {Column[]} */
const OWN = [
  { id: 'name', label: 'Tensor', value: ({ name }) => name },
  { id: 'module', label: 'Module', value: ({ module }) => module },
  {
    id: 'shape',
    label: 'Shape',
    value: ({ parameters }) => parameters,
    text: (tensor) => shape(tensor.shape),
    numeric: true,
  },
];

/**
 * @param {Report} report
 * @param {string} selected A metric.
 * @returns {Column[]}
 */
function chooseColumns(report, selected) {
  const column = hasBase(report) ? 'column' : 'column_without_base';
  const present = availableMetrics(report);
  const usual = present.filter(({ page }) => page === column);
  const chosen = present.filter(({ id, page }) => id === selected && page !== column);
  return [...OWN, ...chosen, ...usual];
}

/**
 * @param {Column[]} columns
 * @param {State} state
 */
function head(columns, { sort }) {
  /** @param {string} id */
  const sortBy = (id) =>
    store.set({
      sort: {
        id,
        descending: sort.id === id ? !sort.descending : METRICS.some((metric) => metric.id === id),
      },
    });
  return h(
    'tr',
    {},
    columns.map(({ id, label, about, format, numeric }) => {
      const order = sort.id !== id ? 'none' : sort.descending ? 'descending' : 'ascending';
      const mark = { none: '', ascending: ' ↑', descending: ' ↓' }[order];
      return h(
        'th',
        { scope: 'col', class: format || numeric ? 'n' : null, 'aria-sort': order },
        h(
          'button',
          {
            type: 'button',
            class: 'sort',
            title: about,
            'data-column': id,
            'data-key': `sort ${id}`,
            onclick: () => sortBy(id),
          },
          label,
          h('span', { 'aria-hidden': 'true' }, mark),
        ),
      );
    }),
  );
}

/**
 * @param {Tensor} tensor
 * @param {Column[]} columns
 * @param {State} state
 * @param {Choose} tell
 */
function row(tensor, columns, { alpha, tensor: open }, tell) {
  const cells = columns.slice(1).map((column) => {
    const value = column.value(tensor, alpha);
    if (!column.format || typeof value === 'string')
      return h(
        'td',
        { class: column.numeric ? 'n' : null },
        column.text ? column.text(tensor) : value,
      );
    const chance = column.chance?.(tensor, alpha) ?? null;
    return h(
      'td',
      { class: 'n' },
      column.format(value),
      value !== null &&
        chance !== null &&
        h('small', { title: 'random update of the same size' }, ` / ${column.format(chance)}`),
    );
  });
  return h(
    'tr',
    {
      'aria-current': tensor.name === open ? 'true' : null,
      class: tensor.status === 'failed' ? 'failed' : null,
    },
    h(
      'th',
      { scope: 'row' },
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          'data-key': tensor.name,
          onclick: () => tell({ tensor: tensor.name }),
        },
        breakable(tensor.name),
      ),
    ),
    cells,
  );
}

/** @returns {Part} */
export function tablePart() {
  const table = h('table', { class: 'tensors' });
  const tell = chooseFrom(table);
  const shown = h('span', { class: 'quiet', 'aria-live': 'polite' });
  const more = h('button', { type: 'button', class: 'ghost' });
  const filter = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'q_proj layer:0-3',
    'aria-label': 'Filter tensors',
    oninput: () => store.set({ filter: filter.value }),
  });
  let all = false;
  more.addEventListener('click', () => {
    all = true;
    draw(store.state);
  });
  /** @param {State} state */
  const draw = (state) => {
    const tensors = state.report?.runs[state.run]?.tensors;
    if (!state.report || !tensors) return;
    if (filter.value !== state.filter) filter.value = state.filter;
    const columns = chooseColumns(state.report, state.metric);
    const column = columns.find(({ id }) => id === state.sort.id);
    const kept = filterTensors(tensors, state.filter);
    const rows = column
      ? sortRows(kept, (tensor) => column.value(tensor, state.alpha), state.sort.descending)
      : kept;
    const drawn = all ? rows : rows.slice(0, FIRST_ROWS);
    shown.textContent = `${count(rows.length)} of ${count(tensors.length)}`;
    more.hidden = drawn.length === rows.length;
    more.textContent = `Show all ${rows.length}`;
    redrawKeepingFocus(table, () =>
      replace(
        table,
        h(
          'caption',
          { class: 'sr' },
          'Values of each tensor; that of a random update follows after the slash',
        ),
        h('thead', {}, head(columns, state)),
        h(
          'tbody',
          {},
          drawn.map((tensor) => row(tensor, columns, state, tell)),
        ),
      ),
    );
  };
  const element = h(
    'section',
    { class: 'block', 'aria-labelledby': 'table-title' },
    h(
      'div',
      { class: 'title-row' },
      h('h3', { id: 'table-title' }, 'Tensors'),
      h('div', { class: 'actions' }, shown, filter),
    ),
    h('p', { class: 'beside' }, 'Value / random update of the same size.'),
    h(
      'div',
      {
        class: 'scroll tall',
        tabIndex: 0,
        role: 'region',
        'aria-label': 'Table of tensors',
        'data-panel': 'table',
      },
      table,
    ),
    more,
  );
  return {
    element,
    keys: ['report', 'run', 'alpha', 'metric', 'tensor', 'filter', 'sort'],
    draw,
  };
}
