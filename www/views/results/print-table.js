// The table of tensors on paper, where nothing is scrolled: all rows up to a limit, and as many
// columns as fit. It is made when the page is printed.
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { counted } from '../../report/format.js';
import { filterTensors, listColumns, usualMetrics } from '../../report/table.js';
import { tensorCells } from '../../panels/table-cells.js';

/** @import { State } from '../../app/state.js' */

/** Some pages; who wants more takes the values as a file. */
const MOST_ROWS = 200;
const MOST_METRICS = 4;

/** @param {HTMLElement} cell Of the table on the screen, whose bar says nothing new on paper. */
const toCell = (cell) =>
  h(
    cell.getAttribute('role') === 'rowheader' ? 'th' : 'td',
    {},
    cell.children.length
      ? [...cell.children].filter((part) => !part.classList.contains('ratio-bar'))
      : cell.textContent,
  );

/** @param {State} state */
function makeTable({ report, run, alpha, metric, filter }) {
  const { checkpoint, tensors } = report?.runs[run] ?? {};
  if (!report || !checkpoint || !tensors) return null;
  const rows = filterTensors(tensors, filter, alpha);
  const columns = listColumns(report, usualMetrics(report, metric).slice(0, MOST_METRICS)).filter(
    ({ id }) => !['module', 'shape'].includes(id),
  );
  const more = rows.length - MOST_ROWS;
  return [
    h('h3', {}, `Tensors of ${checkpoint.name}${filter ? `, filtered by ${filter}` : ''}`),
    h(
      'table',
      { class: 'plain' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map(({ label }) => h('th', {}, label)),
        ),
      ),
      h(
        'tbody',
        {},
        rows
          .slice(0, MOST_ROWS)
          .map((tensor) =>
            h('tr', {}, tensorCells(tensor, columns, { tensors, alpha }).map(toCell)),
          ),
      ),
    ),
    more > 0 && h('p', {}, `${counted(more, 'more tensor')}: all values are in the CSV file.`),
  ];
}

export function printTable() {
  const element = h('section', { class: 'print-table', 'aria-label': 'Tensors, on paper' });
  const fill = () => replace(element, store.state.phase === 'done' && makeTable(store.state));
  const paper = matchMedia('print');
  paper.addEventListener('change', ({ matches }) => (matches ? fill() : replace(element)));
  addEventListener('beforeprint', fill);
  addEventListener('afterprint', () => replace(element));
  return element;
}
