// A table of cells as a heatmap: rows and columns, what a cell says, and what it opens.
import { labelsOf } from '../charts/heat-layout.js';
import { heatmap } from '../charts/heatmap.js';
import { runColour, runLetter } from '../report/run-colours.js';
import { RESTS } from './rest-of.js';
import { writerOf } from './heatmap-words.js';

/** @import { HeatLine } from '../charts/heat-layout.js' */
/** @import { HeatCell } from '../charts/heat-marks.js' */
/** @import { Heat } from '../charts/heatmap.js' */
/** @import { Tip } from '../charts/chart-tip.js' */
/** @import { HeatData, Table, TableCell } from './heatmap-data.js' */
/** @import { Choose, View } from './view.js' */

/** Below this width, layers run down and modules across. */
export const NARROW = 560;
/** Cells of runs side by side are as wide as this, or the runs stand below each other. */
const LEAST_BESIDE = 14;

/**
 * Whether what lies along the rows elsewhere runs down, since there is little width.
 * @param {Table} table
 * @param {View} view
 */
export const isTurned = ({ rows, along, unit }, { width }) =>
  width < NARROW && (unit === 'layer' || (unit === 'expert' && along.length > rows.length));

/**
 * Rows, columns and places of a table's cells: layers across, or down where there is little width;
 * runs side by side where they fit.
 * @param {Table} table
 * @param {View} view
 */
function arrange(table, view) {
  const { rows, along, runs, unit } = table;
  const { width, report } = view;
  const isNarrow = isTurned(table, view);
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
 * @param {{ tip: Tip | null, label: string, least: number, low?: boolean }} options
 */
export function drawTable(table, data, view, choose, { tip, label, least, low }) {
  const { placeOf, ...lines } = arrange(table, view);
  const write = writerOf(data);
  const rest = RESTS.heatmap;
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
        describe: () => rest?.describeCell(cell, table, data, view) ?? [],
        open: () => rest?.openCell(cell, table, choose, view),
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
    explore: rest?.letExplore ?? null,
  };
  return heatmap(heat);
}
