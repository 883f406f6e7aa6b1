// What panels of one tensor share: which tensor it is, and a chart with its title.
import { keyOf } from '../charts/series.js';
import { h } from '../dom/elements.js';

/** @import { Child } from '../dom/elements.js' */
/** @import { Tensor } from '../report/model.js' */
/** @import { View } from './view.js' */

/**
 * The tensor that is open, or the first that has what a panel shows, one of a layer rather than an
 * embedding.
 * @param {View} view
 * @param {(tensor: Tensor) => boolean} isShown
 */
export function findTensor({ report, run, tensor: open }, isShown) {
  const { tensors } = report.runs[run];
  if (open !== null) return tensors.find(({ name }) => name === open);
  return (
    tensors.find((tensor) => isShown(tensor) && typeof tensor.layer === 'number') ??
    tensors.find(isShown)
  );
}

/**
 * A chart with what its marks mean and how it is read.
 * @param {object} chart
 * @param {string} chart.title
 * @param {Element} chart.drawing
 * @param {{ name: string, dashed?: boolean, chance?: unknown }[]} [chart.series] For the key.
 * @param {string} chart.text
 */
export const chartOf = ({ title, drawing, series = [], text }) => {
  const key = keyOf(series);
  return h(
    'figure',
    {},
    h('figcaption', {}, h('strong', {}, title)),
    // Without entries too: charts of a row begin at the same height.
    h(
      'div',
      { class: 'tensor-key' },
      key.length > 1 &&
        key.map(({ name, colour, mark }) => {
          const sample = h('i', {});
          sample.style.borderTop = `2px ${mark === 'dashed' ? 'dashed' : 'solid'} ${colour}`;
          return h('span', {}, sample, name);
        }),
    ),
    drawing,
    h('p', { class: 'tensor-text' }, text),
  );
};

/**
 * A panel of one tensor, or the words that it has nothing to show.
 * @param {Tensor | undefined} tensor
 * @param {Child[]} charts
 * @param {string} what
 */
export const tensorPanel = (tensor, charts, what) =>
  h(
    'div',
    { class: 'tensor-panel' },
    tensor && h('h3', {}, h('code', {}, tensor.name)),
    charts.length > 0
      ? h('div', { class: 'tensor-charts' }, charts)
      : h('p', { class: 'tensor-text' }, tensor ? `This tensor has no ${what}.` : `No ${what}.`),
  );
