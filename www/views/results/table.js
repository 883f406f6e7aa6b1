// Every tensor of the run, in the page.
import { h } from '../../dom/elements.js';
import { afterReport } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { drawTable } from '../../panels/table.js';

/** @import { Choose } from '../../panels/view.js' */
/** @import { State } from '../../app/state.js' */

export function tableView() {
  const place = h('div', {});
  /** @type {Choose} */
  const choose = ({ tensor, filter }) =>
    store.set({ ...(tensor && { tensor }), ...(filter !== undefined && { filter }) });
  /** @param {State} state */
  const draw = ({ report, run, alpha, metric, tensor, filter }) => {
    if (!report?.runs[run]) return;
    const runs = report.runs.map((_, i) => i);
    const view = { report, runs, run, alpha, metric, tensor, filter };
    const element = drawTable({ ...view, arrangement: 'one', width: place.clientWidth }, choose);
    if (element.parentNode !== place) place.replaceChildren(element);
  };
  store.watch(['report', 'run', 'alpha', 'metric', 'tensor', 'filter'], afterReport(draw));
  return h(
    'section',
    { class: 'block', 'aria-labelledby': 'table-title' },
    h('h3', { id: 'table-title' }, 'Tensors'),
    place,
  );
}
