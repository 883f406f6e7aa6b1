// Layer × module for any metric: one run, all runs side by side, or the difference of two.
import { heatLegend } from '../charts/heat-legend.js';
import { labelsOf } from '../charts/heat-layout.js';
import { heatmap } from '../charts/heatmap.js';
import { createTip } from '../charts/tip.js';
import { fold, h } from '../dom/elements.js';
import { filterOf } from '../report/grid.js';
import { describeReading } from '../report/readings.js';
import { runColour, runLetter } from '../report/run-colours.js';
import { buildHeat } from './heatmap-data.js';
import { heatControls } from './heatmap-controls.js';
import {
  describeColours,
  describeMethod,
  describeScale,
  headlineOf,
  middleOf,
  nameCell,
  summarize,
  writerOf,
} from './heatmap-words.js';

/** @import { Heat } from '../charts/heatmap.js' */
/** @import { HeatCell } from '../charts/heat-marks.js' */
/** @import { HeatLine } from '../charts/heat-layout.js' */
/** @import { Tip } from '../charts/tip.js' */
/** @import { HeatData, Table, TableCell } from './heatmap-data.js' */
/** @import { Choose, Panel, View } from './view.js' */

/** Below this width, layers run down and modules across. */
const NARROW = 560;
/** Cells of runs side by side are as wide as this, or the runs stand below each other. */
const LEAST_BESIDE = 14;

/**
 * What a cell says: its place, what is known of it, and of the other run of a difference.
 * @param {TableCell} cell
 * @param {Table} table
 * @param {HeatData} data
 * @param {View} view
 */
function describeCell(cell, table, data, view) {
  const { measure, pair } = data;
  const name = nameCell(cell, table, view);
  const about = describeReading(cell.cell, cell.reading, measure);
  if (!pair) return [name, ...about];
  const { against, shown } = cell;
  const write = writerOf(data);
  const [one, other] = [pair.one, pair.other].map((run) => view.report.runs[run].checkpoint.name);
  return [
    name,
    shown === null
      ? 'no difference: one of the two has no value'
      : `${measure.kind === 'ratio' ? 'A ÷ B' : 'A − B'} = ${write(shown)}`,
    `A, ${one}: ${about.join(', ')}`,
    `B, ${other}: ${
      against ? describeReading(against.cell, against.reading, measure).join(', ') : 'not there'
    }`,
  ];
}

/**
 * Opens a tensor; of many, it filters to them.
 * @param {TableCell} cell
 * @param {Table} table
 * @param {Choose} choose
 */
function openCell({ cell, group }, { runs }, choose) {
  const run = runs[group];
  if (cell.tensors.length > 1) choose({ filter: filterOf(cell), run });
  else choose({ tensor: cell.tensors[0].name, run });
}

/**
 * Rows, columns and places of a table's cells: layers across, or down where there is little width;
 * runs side by side where they fit.
 * @param {Table} table
 * @param {View} view
 */
function arrange({ rows, along, runs, unit }, { width, report }) {
  const isNarrow =
    width < NARROW && (unit === 'layer' || (unit === 'expert' && along.length > rows.length));
  const labels = along.map((place) => (place === null ? '' : String(place)));
  const [down, across] = isNarrow ? [labels, rows] : [rows, labels];
  const free = width - labelsOf(down.map((label) => ({ label })));
  const isBeside =
    unit === '' || runs.length === 1 || runs.length * across.length * LEAST_BESIDE <= free;
  /** @type {(lines: string[], isRepeated: boolean) => HeatLine[]} */
  const repeat = (lines, isRepeated) =>
    isRepeated && runs.length > 1
      ? runs.flatMap((_, group) => lines.map((label) => ({ label, group })))
      : lines.map((label) => ({ label }));
  const [byRow, byAlong] = [rows, along].map(
    (list) => new Map(list.map((place, i) => [String(place), i])),
  );
  /** @param {TableCell} cell */
  const placeOf = (cell) => {
    const [row, column] = [byRow.get(cell.row) ?? 0, byAlong.get(String(cell.along)) ?? 0];
    const [y, x] = isNarrow ? [column, row] : [row, column];
    return {
      row: y + (isBeside ? 0 : cell.group * down.length),
      column: x + (isBeside ? cell.group * across.length : 0),
    };
  };
  return {
    rows: repeat(down, !isBeside),
    columns:
      unit === '' && runs.length > 1
        ? runs.map((run, group) => ({ label: runLetter(run), group }))
        : repeat(across, isBeside),
    groups:
      runs.length > 1 && unit !== ''
        ? runs.map((run) => ({
            label: `${runLetter(run)} · ${report.runs[run].checkpoint.name}`,
            colour: runColour(run),
          }))
        : [],
    corner: isNarrow ? '' : unit,
    placeOf,
  };
}

/**
 * @param {Table} table
 * @param {HeatData} data
 * @param {View} view
 * @param {Choose} choose
 * @param {{ tip: Tip, label: string, least: number, low?: boolean }} options
 */
function drawTable(table, data, view, choose, { tip, label, least, low }) {
  const { placeOf, ...lines } = arrange(table, view);
  const write = writerOf(data);
  const cells = table.cells.map(
    /** @returns {HeatCell} */
    (cell) => {
      const { shown, reading } = cell;
      const [first] = cell.cell.tensors;
      return {
        ...placeOf(cell),
        step: shown === null ? null : table.scale.stepOf(shown),
        text: shown === null ? '' : write(shown),
        spread:
          reading.spread && !data.pair
            ? [table.scale.partOf(reading.spread[0]), table.scale.partOf(reading.spread[1])]
            : null,
        key: `heat ${table.runs[cell.group]} ${first.name}`,
        selected:
          view.tensor !== null &&
          table.runs[cell.group] === view.run &&
          cell.cell.tensors.some(({ name }) => name === view.tensor),
        faded: cell.faded,
        describe: () => describeCell(cell, table, data, view),
        open: () => openCell(cell, table, choose),
      };
    },
  );
  /** @type {Heat} */
  const heat = {
    ...lines,
    label,
    map: table.scale.kind === 'plain' ? 'seq' : 'div',
    cells,
    room: view.width || 1200,
    least: view.width < NARROW ? 0 : least,
    low,
    tip,
  };
  return heatmap(heat);
}

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
  const data = buildHeat(view);
  const tip = createTip();
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
    h('h3', { id: 'heatmap-title', class: 'heat-title' }, headlineOf(data, view)),
    heatControls(view, choose, data),
    h('p', { class: 'heat-about' }, describeColours(data)),
    fold(
      'heatmap method',
      'How this is read',
      describeMethod(data, view).map((text) => h('p', {}, text)),
    ),
    h('p', { class: 'heat-unseen' }, summarize(data, view)),
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
        h('h4', {}, `${experts.row}: layer × expert`),
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
    tip.element,
  );
}
