// Cells of a heatmap with what they say, and the tables of those outside layers and of experts.
import { arrangeExperts } from '../report/experts.js';
import { isMatrix } from '../report/grid.js';
import { compareReadings, readCell } from '../report/readings.js';

/** @import { Tensor } from '../report/model.js' */
/** @import { ColourScale } from '../report/colour-scale.js' */
/** @import { Cell, Grid } from '../report/grid.js' */
/** @import { Measure, CellReading } from '../report/readings.js' */

/**
 * A cell of a table.
 * @typedef {object} TableCell
 * @property {number} group The place of its run among the table's.
 * @property {string} row
 * @property {number | null} along The layer, or the expert.
 * @property {Cell} cell
 * @property {CellReading} reading
 * @property {{ cell: Cell, reading: CellReading } | null} against Of the other run of a difference.
 * @property {number | null} shown What its colour stands for.
 * @property {boolean} faded Whether the reader's filter leaves it out.
 */

/**
 * @typedef {object} Table
 * @property {string[]} rows
 * @property {(number | null)[]} along
 * @property {'layer' | 'expert' | ''} unit What lies along the rows.
 * @property {number[]} runs Places in the report, a group of cells for each.
 * @property {TableCell[]} cells
 * @property {ColourScale} scale
 */

/**
 * @param {{ layer: number | null, module: string, expert?: number }} cell
 */
const keyOf = ({ layer, module, expert }) => `${layer} ${module} ${expert ?? ''}`;

/**
 * Reads the cells of the runs of a table.
 * @param {object} source
 * @param {number[]} source.runs
 * @param {(run: number) => (Cell & { expert?: number })[]} source.cellsOf
 * @param {{ one: number, other: number } | null} source.pair
 * @param {Measure} source.measure
 * @param {(run: number) => Set<Tensor> | null} source.keptOf
 * @returns {(TableCell & { expert?: number })[]}
 */
export function readCells({ runs, cellsOf, pair, measure, keptOf }) {
  const others = new Map(
    (pair ? cellsOf(pair.other) : []).map((cell) => [
      keyOf(cell),
      { cell, reading: readCell(cell, measure) },
    ]),
  );
  return runs.flatMap((run, group) => {
    const kept = keptOf(run);
    return cellsOf(run).map((cell) => {
      const reading = readCell(cell, measure);
      const against = others.get(keyOf(cell)) ?? null;
      return {
        group,
        row: cell.module,
        along: cell.layer,
        cell,
        reading,
        against,
        shown: pair ? compareReadings(reading, against?.reading, measure.kind) : reading.shown,
        faded: kept !== null && !cell.tensors.some((tensor) => kept.has(tensor)),
        expert: cell.expert,
      };
    });
  });
}

/**
 * Tensors outside layers: matrices and vectors apart, since their values are.
 * @param {object} source
 * @param {number[]} source.runs
 * @param {(run: number) => Grid} source.gridOf
 * @param {{ one: number, other: number } | null} source.pair
 * @param {Measure} source.measure
 * @param {(run: number) => Set<Tensor> | null} source.keptOf
 * @param {(cells: TableCell[]) => ColourScale} source.scaleFor
 * @returns {Table[]}
 */
export function outsideTables({ gridOf, scaleFor, ...source }) {
  const cells = readCells({
    ...source,
    cellsOf: (run) => gridOf(run).outside,
  });
  return [true, false].flatMap((matrix) => {
    const own = cells.filter(({ cell }) => isMatrix(cell.tensors[0]) === matrix);
    if (!own.length) return [];
    return [
      {
        rows: [...new Set(own.map(({ row }) => row))],
        along: [null],
        unit: /** @type {const} */ (''),
        runs: source.runs,
        cells: own,
        scale: scaleFor(own),
      },
    ];
  });
}

/**
 * Layer × expert, of one projection of the run in focus.
 * @param {object} source
 * @param {string} source.row
 * @param {number} source.run
 * @param {{ one: number, other: number } | null} source.pair
 * @param {Measure} source.measure
 * @param {(run: number) => Set<Tensor> | null} source.keptOf
 * @param {(run: number) => Tensor[]} source.tensorsOf
 * @param {(cells: TableCell[]) => ColourScale} source.scaleFor
 * @returns {Table}
 */
export function expertTable({ row, run, pair, measure, keptOf, tensorsOf, scaleFor }) {
  const { layers, experts } = arrangeExperts(tensorsOf(run), row);
  const cells = readCells({
    runs: [run],
    cellsOf: (place) => arrangeExperts(tensorsOf(place), row).cells,
    pair,
    measure,
    keptOf,
  }).map(({ expert, ...cell }) => ({
    ...cell,
    row: String(cell.along),
    along: expert ?? null,
    faded: false,
  }));
  return {
    rows: layers.map(String),
    along: experts,
    unit: 'expert',
    runs: [run],
    cells,
    scale: scaleFor(cells),
  };
}
