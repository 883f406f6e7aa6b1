// What a panel is given and what it tells: the contract of everything that shows a part of a
// report. The page, the custom element and the exported file each keep a view, in their own ways.

/** @import { Report } from '../report/model.js' */

/**
 * Where a reader stands in a report.
 * @typedef {object} View
 * @property {Report} report
 * @property {number[]} runs The places of the runs that are shown, in order; never empty.
 * @property {number} run The place of the run in focus, one of `runs`.
 * @property {number} alpha The place of α among the report's.
 * @property {string} metric The id of a metric.
 * @property {string | null} tensor The name of the tensor that is open.
 * @property {'one' | 'multiples' | 'difference'} arrangement Of the heatmap: the run in focus, a
 * small one for each run, or the difference of two.
 * @property {number} [against] The place of the run that a difference is from; without it, the
 * first other one.
 * @property {'matrices' | 'vectors' | 'experts'} [part] The tensors that the heatmap is about.
 * @property {string} filter The tensors that panels are about, as `filterTensors` reads it; empty
 * for all. Who sets one loads what reads it before: report/filter-lists.js.
 * @property {number} width What there is to draw in, in CSS pixels.
 */

/**
 * Tells that the reader chose something: the parts of the view that change.
 * @typedef {(patch: Partial<Omit<View, 'report' | 'width'>>) => void} Choose
 */

/**
 * Draws a part of a report. A panel keeps nothing between two calls and knows no page around it:
 * its colours are CSS variables, and what is chosen in it goes to `choose`.
 * @typedef {(view: View, choose: Choose) => HTMLElement} Panel
 */
export {};
