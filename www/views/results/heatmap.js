// Layer × module for any metric.
import { h, replace } from '../../dom/elements.js';
import { redrawKeepingFocus } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { GROUPS, describeContext, findMetric, availableMetrics } from '../../report/metrics.js';
import { sentence } from '../../report/format.js';
import { cellValue, arrangeCells } from '../../report/grid.js';
import { heatmap, legend } from '../../charts/heatmap.js';
import { onTheme } from '../../charts/theme.js';
import { findComparison } from '../../report/comparison.js';
import { chooseFrom } from './panel.js';

/** @import { Metric } from '../../report/metrics.js' */
/** @import { Cell } from '../../report/grid.js' */
/** @import { State } from '../../app/state.js' */
/** @import { Part } from '../parts/part.js' */

const metricPicker = () => {
  const select = h('select', { id: 'metric', onchange: () => store.set({ metric: select.value }) });
  /** @param {Metric[]} all */
  const options = (all) =>
    GROUPS.map((name) => ({ name, metrics: all.filter(({ group }) => group === name) }))
      .filter(({ metrics }) => metrics.length)
      .map(({ name, metrics }) =>
        h(
          'optgroup',
          { label: name },
          metrics.map(({ id, label }) => h('option', { value: id }, label)),
        ),
      );
  store.watch(['report'], ({ report }) =>
    replace(select, report && options(availableMetrics(report))),
  );
  store.watch(['report', 'metric'], (state) => {
    select.value = state.metric;
  });
  return h('label', { class: 'inline' }, 'Metric ', select);
};

/** @returns {Part} */
export function heatmapPart() {
  const about = h('p', { class: 'about' });
  const beside = h('p', { class: 'beside' });
  const plot = h('div', { class: 'scroll', id: 'heatmap', 'data-panel': 'heatmap' });
  const scale = h('div', { class: 'legend' });
  const tell = chooseFrom(plot);
  /**
   * Opens a tensor; a cell of many tensors filters to them.
   * @param {Cell} cell
   */
  const pick = ({ layer, tensors }) =>
    tell({
      tensor: tensors[0].name,
      ...(tensors.length > 1 && { filter: `layer:${layer} ${tensors[0].module}` }),
    });
  const element = h(
    'section',
    { class: 'block', 'aria-labelledby': 'heatmap-title' },
    h(
      'div',
      { class: 'title-row' },
      h('h3', { id: 'heatmap-title' }, 'Layer × module'),
      metricPicker(),
    ),
    about,
    beside,
    scale,
    plot,
  );
  let room = 0;
  /** @param {State} state */
  const draw = ({ report, run, alpha, metric: id, tensor }) => {
    const tensors = report?.runs[run]?.tensors;
    if (!report || !tensors) return;
    room = plot.clientWidth;
    const metric = findMetric(id);
    const layout = arrangeCells(tensors);
    /** @param {Cell} cell */
    const withValue = (cell) => ({
      ...cell,
      value: cellValue(cell, metric, alpha),
      selected: cell.tensors.some(({ name }) => name === tensor),
    });
    const inside = layout.cells.map(withValue);
    const outside = layout.outside.map(withValue);
    about.textContent = metric.about;
    const context = describeContext(metric, tensors, alpha, findComparison(report, run));
    beside.textContent = context && sentence(context);
    const all = [...inside, ...outside];
    replace(scale, legend(all, metric));
    redrawKeepingFocus(plot, () =>
      replace(
        plot,
        inside.length > 0 &&
          heatmap({
            cells: inside,
            all,
            metric,
            layers: layout.layers,
            modules: layout.modules,
            alpha,
            pick,
            room: room || undefined,
          }),
        outside.length > 0 &&
          heatmap({
            cells: outside,
            all,
            metric,
            layers: [null],
            modules: outside.map(({ module }) => module),
            alpha,
            pick,
            room: room || undefined,
          }),
      ),
    );
  };
  onTheme(() => draw(store.state));
  // Drawing changes the height only, so that this comes to rest.
  new ResizeObserver(() => plot.clientWidth !== room && draw(store.state)).observe(plot);
  return { element, keys: ['report', 'run', 'alpha', 'metric', 'tensor'], draw };
}
