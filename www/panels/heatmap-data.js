// What a heatmap shows of a view: tables of cells with their readings and scales, before anything is
// drawn.
import { scaleOf } from '../report/colour-scale.js';
import { arrangeCells, arrangeExperts, findExpertRow, isMatrix } from '../report/grid.js';
import { findMetric } from '../report/metrics.js';
import { compareReadings, measureOf, readCell } from '../report/readings.js';
import { filterTensors } from '../report/table.js';

/** @import { Tensor } from '../report/model.js' */
/** @import { ColourScale } from '../report/colour-scale.js' */
/** @import { Cell, Grid, Row } from '../report/grid.js' */
/** @import { Measure, Reading } from '../report/readings.js' */
/** @import { View } from './view.js' */

/**
 * A cell of a table.
 * @typedef {object} TableCell
 * @property {number} group The place of its run among the table's.
 * @property {string} row
 * @property {number | null} along The layer, or the expert.
 * @property {Cell} cell
 * @property {Reading} reading
 * @property {{ cell: Cell, reading: Reading } | null} against Of the other run of a difference.
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

/** @typedef {'matrices' | 'vectors' | 'experts'} Part */

/**
 * @typedef {object} HeatData
 * @property {Measure} measure
 * @property {{ one: number, other: number } | null} pair The two runs of a difference.
 * @property {Part} part
 * @property {Part[]} parts Those that the model has.
 * @property {Table} main
 * @property {Table[]} strips Below it, each with a scale of its own.
 * @property {(Table & { row: string }) | null} experts Layer × expert, of one projection.
 */

/**
 * The two runs of a difference: the one in focus, and the one that was chosen or the first other.
 * @param {View} view
 */
function pairOf({ run, runs, against, report }) {
  const all = report.runs.map((_, place) => place);
  const other = [against, ...runs, ...all].find(
    (place) => place !== undefined && place !== run && place < all.length,
  );
  return other === undefined ? null : { one: run, other };
}

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
function readCells({ runs, cellsOf, pair, measure, keptOf }) {
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
 * Lists of several runs as one: in the order of the first, then what only others have.
 * @template T
 * @param {T[][]} lists
 */
const unite = (lists) => [...new Set(lists.flat())];

/**
 * All that a heatmap shows of a view.
 * @param {View} view
 * @returns {HeatData}
 */
export function buildHeat(view) {
  const { report, run, runs: shown, alpha, metric: id, filter, arrangement, part: wanted } = view;
  const pair = arrangement === 'difference' ? pairOf(view) : null;
  const runs = arrangement === 'multiples' ? shown : [run];
  const read = pair ? [pair.one, pair.other] : runs;
  /** @param {number} place */
  const tensorsOf = (place) => report.runs[place].tensors;
  const measure = measureOf(findMetric(id), read.map(tensorsOf), alpha);
  const grids = new Map(read.map((place) => [place, arrangeCells(tensorsOf(place))]));
  /** @param {number} place */
  const gridOf = (place) => /** @type {Grid} */ (grids.get(place));
  const rows = new Map(runs.flatMap((place) => gridOf(place).rows).map((row) => [row.module, row]));

  /** @type {Map<number, Set<Tensor> | null>} */
  const kept = new Map(
    runs.map((place) => [place, filter ? new Set(filterTensors(tensorsOf(place), filter)) : null]),
  );
  /** @param {number} place */
  const keptOf = (place) => kept.get(place) ?? null;
  const { kind, metric } = measure;
  const scaleKind = pair && kind === 'plain' ? 'signed' : kind;
  /** @param {TableCell[]} cells */
  const scaleFor = (cells) =>
    scaleOf(
      cells.map((cell) => cell.shown),
      scaleKind,
      metric.scale === 'log',
    );
  /**
   * @param {(cell: Cell) => boolean} isIn
   * @param {(row: Row) => boolean} hasRow
   * @returns {Table}
   */
  const layered = (isIn, hasRow) => {
    const cells = readCells({
      runs,
      cellsOf: (place) => gridOf(place).cells.filter(isIn),
      pair,
      measure,
      keptOf,
    });
    const names = unite(runs.map((place) => gridOf(place).rows.filter(hasRow))).map(
      ({ module }) => module,
    );
    const layers = unite(runs.map((place) => gridOf(place).layers)).sort((a, b) => a - b);
    return {
      rows: [...new Set(names)],
      along: layers,
      unit: 'layer',
      runs,
      cells,
      scale: scaleFor(cells),
    };
  };
  /** @param {Part} which */
  const tableOf = (which) => {
    /** @param {Row | undefined} row */
    const belongs = (row) =>
      row !== undefined &&
      (which === 'experts' ? row.experts : row.matrix === (which === 'matrices'));
    return layered(({ module }) => belongs(rows.get(module)), belongs);
  };
  const all = [...rows.values()];
  /** @type {Part[]} */
  const parts = [
    ...(all.some(({ matrix }) => matrix) ? [/** @type {const} */ ('matrices')] : []),
    ...(all.some(({ matrix }) => !matrix) ? [/** @type {const} */ ('vectors')] : []),
    ...(all.some(({ experts }) => experts) ? [/** @type {const} */ ('experts')] : []),
  ];
  const part = wanted && parts.includes(wanted) ? wanted : (parts[0] ?? 'matrices');
  const main = tableOf(part);
  const outside = outsideTable({ runs, gridOf, pair, measure, keptOf, scaleFor });
  const strips = [
    ...(part === 'matrices' && parts.includes('vectors') ? [tableOf('vectors')] : []),
    ...(part === 'experts' ? [] : outside),
  ].filter(({ scale }) => scale.count > 0);
  const named = kept.get(run) ? findExpertRow([...(kept.get(run) ?? [])]) : null;
  const row = named ?? (part === 'experts' ? (main.rows[0] ?? null) : null);
  return {
    measure,
    pair,
    part,
    parts,
    main,
    strips,
    experts:
      row === null
        ? null
        : { ...expertTable({ row, run, pair, measure, keptOf, tensorsOf, scaleFor }), row },
  };
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
function outsideTable({ gridOf, scaleFor, ...source }) {
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
function expertTable({ row, run, pair, measure, keptOf, tensorsOf, scaleFor }) {
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
