// Which run differs most from the one in focus, for the difference of two.
import { arrangeCells } from '../report/grid.js';
import { median } from '../report/means.js';
import { findMetric } from '../report/metrics.js';
import { compareReadings, measureOf, readCell } from '../report/readings.js';

/** @import { Cell } from '../report/grid.js' */
/** @import { Measure } from '../report/readings.js' */
/** @import { View } from './view.js' */

/** So many cells tell which run differs most. */
const SAMPLE = 400;

/** @param {Cell} cell */
const keyOf = ({ layer, module }) => `${layer} ${module}`;

/**
 * How far the cells of two runs are apart; null where no cell tells.
 * @param {Cell[]} own
 * @param {Map<string, Cell>} others
 * @param {Measure} measure
 */
function distanceOf(own, others, measure) {
  const { kind } = measure;
  const apart = own.flatMap((cell) => {
    const other = others.get(keyOf(cell));
    if (!other) return [];
    const found = compareReadings(readCell(cell, measure), readCell(other, measure), kind);
    if (found === null) return [];
    return [Math.abs(kind === 'ratio' ? Math.log(found) : found)];
  });
  return median(apart);
}

/**
 * The one of other runs that differs most from the run in focus.
 * @param {View} view
 * @param {number[]} others
 */
export function findFarthest({ run, report, metric, alpha }, others) {
  /** @param {number} place */
  const tensorsOf = (place) => report.runs[place].tensors;
  const measure = measureOf(findMetric(metric), [run, ...others].map(tensorsOf), alpha);
  const { cells } = arrangeCells(tensorsOf(run));
  const step = Math.ceil(cells.length / SAMPLE) || 1;
  const own = cells.filter((_, i) => i % step === 0);
  const distances = others.map((place) => {
    const theirs = arrangeCells(tensorsOf(place)).cells;
    return distanceOf(own, new Map(theirs.map((cell) => [keyOf(cell), cell])), measure) ?? -1;
  });
  return others[distances.indexOf(Math.max(...distances))];
}
