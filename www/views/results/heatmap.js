// Layer × module for any metric: the panel, drawn for the page's state.
import { h, replace } from '../../dom/elements.js';
import { afterReport, redrawKeepingFocus } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { drawHeatmap } from '../../panels/heatmap.js';

/** @import { Choose, View } from '../../panels/view.js' */
/** @import { State } from '../../app/state.js' */

export function heatmapView() {
  const place = h('div', {});
  const section = h('section', { class: 'block', 'aria-labelledby': 'heatmap-title' }, place);
  /**
   * What only this part of the page knows.
   * @type {Partial<View>}
   */
  let own = { arrangement: 'one' };
  let width = 0;
  /** @type {Choose} */
  const choose = ({ arrangement, against, part, ...patch }) => {
    own = {
      ...own,
      ...(arrangement && { arrangement }),
      ...(against !== undefined && { against }),
      ...(part && { part }),
    };
    store.set(patch);
    draw(store.state);
  };
  /** @param {State} state */
  function draw({ report, run, alpha, metric, tensor, filter }) {
    if (!report?.runs[run]) return;
    width = place.clientWidth;
    const runs = report.runs.map((_, i) => i);
    /** @type {View} */
    const view = {
      ...{ report, runs, run, alpha, metric, tensor, filter, width },
      arrangement: 'one',
      ...own,
    };
    redrawKeepingFocus(place, () => replace(place, drawHeatmap(view, choose)));
  }
  store.watch(['report', 'run', 'alpha', 'metric', 'tensor', 'filter'], afterReport(draw));
  // Drawing changes the height only, so that this comes to rest.
  new ResizeObserver(() => place.clientWidth !== width && draw(store.state)).observe(place);
  return section;
}
