// What panels of one tensor share: which tensor it is, and a chart with its title.
import { keyOf } from '../charts/series.js';
import { h, replace } from '../dom/elements.js';
import { loadTensor, peekTensor } from '../report/details.js';

/** @import { Child } from '../dom/elements.js' */
/** @import { Detailed, Tensor } from '../report/model.js' */
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
const tensorPanel = (tensor, charts, what) =>
  h(
    'div',
    { class: 'tensor-panel' },
    tensor && h('h3', {}, h('code', {}, tensor.name)),
    charts.length > 0
      ? h('div', { class: 'tensor-charts' }, charts)
      : h('p', { class: 'tensor-text' }, tensor ? `This tensor has no ${what}.` : `No ${what}.`),
  );

/**
 * A panel of the tensor that is open, or of the first that has what it shows. Its details may have
 * to be read first.
 * @param {View} view
 * @param {object} panel
 * @param {(tensor: Tensor) => boolean} panel.isShown
 * @param {(tensor: Detailed) => Child[]} panel.draw
 * @param {string} panel.what
 */
export function drawTensor(view, { isShown, draw, what }) {
  const { report, run } = view;
  const light = findTensor(view, isShown);
  if (!light) return tensorPanel(undefined, [], what);
  const known = peekTensor(report, run, light.name);
  if (known) return tensorPanel(light, draw(known), what);
  const place = h('div', {}, h('p', { class: 'tensor-text', role: 'status' }, 'Loading …'));
  loadTensor(report, run, light.name).then(
    (tensor) => replace(place, tensorPanel(light, tensor ? draw(tensor) : [], what)),
    (error) => replace(place, h('p', { class: 'tensor-text', role: 'alert' }, error.message)),
  );
  return place;
}
