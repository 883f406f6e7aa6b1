// Where a heatmap finds what its first view does without: names of the cells for who does not see
// them, the pointer and the keyboard, tips and the method.

/** @import { HeatData, Table, TableCell } from './heatmap-data.js' */
/** @import { Tip } from '../charts/chart-tip.js' */
/** @import { Explore } from '../charts/heatmap.js' */
/** @import { Choose, View } from './view.js' */

/**
 * @typedef {object} Rest
 * @property {(cell: TableCell, table: Table, data: HeatData, view: View) => string[]} describeCell
 * @property {(cell: TableCell, table: Table, choose: Choose) => void} openCell
 * @property {(data: HeatData, view: View) => string} summarize
 * @property {(data: HeatData, view: View) => string[]} describeMethod
 * @property {() => Tip} createTip
 * @property {Explore} letExplore
 */

/** @type {Rest | null} */
let rest = null;

/**
 * Says what heatmaps are drawn with from now on; heatmap-rest.js does so where it is loaded.
 * @param {Rest} given
 */
export function offerRest(given) {
  rest = given;
}

export const findRest = () => rest;
