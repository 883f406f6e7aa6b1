// Layer × module for any metric: one run, all runs side by side, or the difference of two.
import { heatLegend } from '../charts/heat-legend.js';
import { labelsOf } from '../charts/heat-layout.js';
import { fold, h } from '../dom/elements.js';
import { buildHeat } from './heatmap-data.js';
import { heatControls } from './heatmap-controls.js';
import { RESTS } from './rest-of.js';
import { NARROW, drawTable, isTurned } from './heatmap-table.js';
import { describeColours, describeScale, middleOf, writerOf } from './heatmap-words.js';

/** @import { HeatData, Table } from './heatmap-data.js' */
/** @import { Panel } from './view.js' */

/**
 * The key of a table's colours.
 * @param {Table} table
 * @param {HeatData} data
 * @param {string} title
 */
const drawLegend = ({ scale, cells }, data, title) =>
  heatLegend({
    scale,
    map: scale.kind === 'plain' ? 'seq' : 'div',
    title,
    write: writerOf(data),
    middle: middleOf(data),
    hasNone: cells.some(({ shown }) => shown === null),
  });

/** @param {Table} table */
const nameStrip = ({ unit, cells }) =>
  unit === 'layer'
    ? 'Vectors of the layers'
    : cells[0].cell.tensors[0].shape?.length === 1
      ? 'Vectors outside layers'
      : 'Embeddings and head';

/** @type {Panel} */
export function drawHeatmap(view, choose) {
  const rest = RESTS.heatmap;
  const data = buildHeat(view, rest?.findFarthest);
  const tip = rest?.createTip() ?? null;
  const scale = describeScale(data, view);
  const { main, strips, experts } = data;
  const least = labelsOf([main, ...strips].flatMap(({ rows }) => rows).map((label) => ({ label })));
  /** @param {Table} strip */
  const drawStrip = (strip) =>
    h(
      'div',
      { class: strip.unit === 'layer' ? 'heat-strip wide' : 'heat-strip' },
      h('h4', {}, nameStrip(strip)),
      strip.scale.count > 1 && drawLegend(strip, data, `${scale}: a scale of its own`),
      drawTable(strip, data, view, choose, {
        tip,
        label: `${scale}, ${nameStrip(strip).toLowerCase()}`,
        least: strip.unit === 'layer' ? least : 0,
        low: strip.unit === 'layer',
      }),
    );
  return h(
    'div',
    { class: 'heat-panel' },
    h(
      'h3',
      { id: 'heatmap-title', class: 'heat-title' },
      rest?.headlineOf(data, view) ?? describeScale(data, view),
    ),
    heatControls(view, choose, data),
    rest?.describeNone(view, choose, data) ??
      h('p', { class: 'heat-about' }, describeColours(data)),
    fold(
      'heatmap method',
      'How this is read',
      rest?.describeMethod(data, view).map((text) => h('p', {}, text)),
    ),
    h('p', { class: 'heat-unseen' }, rest?.summarize(data, view)),
    drawLegend(main, data, scale),
    main.cells.length > 0 &&
      h(
        'div',
        { id: 'heatmap' },
        drawTable(main, data, view, choose, { tip, label: `${scale}, by layer and module`, least }),
      ),
    experts && [
      h(
        'div',
        { class: 'heat-experts' },
        h(
          'h4',
          {},
          `${experts.row}: `,
          isTurned(experts, view) ? 'layers across, experts down' : 'experts across, layers down',
        ),
        view.filter &&
          h(
            'button',
            { type: 'button', 'data-key': 'clear filter', onclick: () => choose({ filter: '' }) },
            'Clear filter',
          ),
      ),
      drawLegend(experts, data, scale),
      drawTable(experts, data, view, choose, {
        tip,
        label: `${scale}, ${experts.row} by layer and expert`,
        least: 0,
      }),
    ],
    strips.length > 0 &&
      (view.width < NARROW
        ? fold('heatmap strips', strips.map(nameStrip).join(', '), strips.map(drawStrip))
        : h('div', { class: 'heat-strips' }, strips.map(drawStrip))),
    tip?.element,
  );
}
