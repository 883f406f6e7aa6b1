// What a heatmap's first view does without (rest.js): names of the cells for who does not see
// them, the pointer and the keyboard, tips and the method.

/** @import { HeatData, Table, TableCell } from './heatmap-data.js' */
/** @import { Tip } from '../charts/chart-tip.js' */
/** @import { Explore } from '../charts/heatmap.js' */
/** @import { Choose, View } from './view.js' */

/**
 * @typedef {object} Rest
 * @property {(cell: TableCell, table: Table, data: HeatData, view: View) => string[]} describeCell
 * @property {(
 *   cell: TableCell, table: Table, choose: Choose, view: View
 * ) => void} openCell
 * @property {(data: HeatData, view: View) => string} summarize
 * @property {(data: HeatData, view: View) => string[]} describeMethod
 * @property {(view: View, choose: Choose, data: HeatData) => HTMLElement | null} describeNone
 * @property {(view: View, others: number[]) => number} findFarthest
 * @property {(view: View, choose: Choose, other: number) => HTMLElement[]} drawPair
 * @property {(data: HeatData, view: View) => string} headlineOf
 * @property {() => Tip} createTip
 * @property {Explore} letExplore
 */
export {};
