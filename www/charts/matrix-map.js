// A map of one matrix: cells of its weights, each with its place in words.
import { describeCell } from '../report/maps.js';
import { cellMap } from './map.js';

/** @import { Format } from '../report/format.js' */
/** @import { MapLayout, Values } from '../report/maps.js' */

/**
 * @param {MapLayout} map
 * @param {number[]} shape
 * @param {object} chart
 * @param {string} chart.title
 * @param {Values} chart.values
 * @param {Format} chart.format
 * @param {number | null} chart.level What a random update gives everywhere.
 * @param {boolean} [chart.log]
 */
export const matrixMap = (map, shape, { title, values, format, level, log }) =>
  cellMap({
    rows: map.rows,
    columns: map.columns,
    aspect: shape[0] / shape[1],
    values,
    format,
    level,
    log,
    label: title,
    say: (cell) => `${describeCell(map, cell, shape)}: ${format(values[cell])}`,
  });
