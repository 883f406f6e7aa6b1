// What a heatmap shows of a view: tables of cells with their readings and scales, before anything
// is drawn.
import { scaleOf } from '../report/colour-scale.js';
import { findExpertRow } from '../report/experts.js';
import { filterLike } from '../report/filter.js';
import { arrangeCells } from '../report/grid.js';
import { findMetric } from '../report/metrics.js';
import { measureOf } from '../report/readings.js';
import { expertTable, outsideTables, readCells } from './heatmap-cells.js';

/** @import { Tensor } from '../report/model.js' */
/** @import { Cell, Grid, Row } from '../report/grid.js' */
/** @import { Measure } from '../report/readings.js' */
/** @import { Table as CellTable, TableCell as OneCell } from './heatmap-cells.js' */
/** @import { View } from './view.js' */

/** @typedef {CellTable} Table */
/** @typedef {OneCell} TableCell */

/** @typedef {'matrices' | 'vectors' | 'experts'} Part */
/** @typedef {(view: View, others: number[]) => number} FindFarthest */

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
 * The two runs of a difference: the one in focus, and the one that was chosen or differs most.
 * @param {View} view
 * @param {FindFarthest} [findFarthest]
 */
function pairOf(view, findFarthest) {
  const { run, runs, against, report } = view;
  const all = report.runs.map((_, place) => place);
  /** @param {number} place */
  const isOther = (place) => place !== run && place < all.length;
  if (against !== undefined && isOther(against)) return { one: run, other: against };
  const shown = runs.filter(isOther);
  const others = shown.length ? shown : all.filter(isOther);
  if (!others.length) return null;
  return { one: run, other: findFarthest?.(view, others) ?? others[0] };
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
 * @param {FindFarthest} [findFarthest]
 * @returns {HeatData}
 */
export function buildHeat(view, findFarthest) {
  const { report, run, runs: shown, alpha, metric: id, filter, arrangement, part: wanted } = view;
  const pair = arrangement === 'difference' ? pairOf(view, findFarthest) : null;
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
    runs.map((place) => [
      place,
      filter ? new Set(filterLike(tensorsOf(place), tensorsOf(run), filter, alpha)) : null,
    ]),
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
  const outside = outsideTables({ runs, gridOf, pair, measure, keptOf, scaleFor });
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
