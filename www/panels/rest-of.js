// Where the later parts of panels are kept once they are loaded (rest.js).

/** @import { exploreDots } from '../charts/explore-dots.js' */
/** @import { Reading, measureChange } from '../report/ratios.js' */
/** @import { Rest as HeatmapRest } from './heatmap-parts.js' */
/** @import { View } from './view.js' */
/** @import { Signal } from '../report/placement.js' */

/**
 * A shown run with what the panel is about.
 * @typedef {object} Shown
 * @property {number} run
 * @property {string} name
 * @property {Reading[]} readings
 * @property {ReturnType<typeof measureChange>} change
 * @property {Signal[]} signals
 */

/**
 * @typedef {object} DotsRest
 * @property {(view: Pick<View, 'report' | 'alpha'>, focus: Shown) => HTMLElement} describeMethod
 * @property {(shown: Shown[]) => HTMLElement} tableOf
 * @property {(shown: Shown[]) => string[]} listNotes
 * @property {typeof exploreDots} exploreDots
 */

/**
 * @typedef {object} Rests
 * @property {DotsRest} dots
 * @property {HeatmapRest} heatmap
 * @property {{ describeDecision: (signals: Signal[]) => HTMLElement }} summary
 */

/**
 * The later part of each panel; none as long as it is not loaded. The modules of the parts put them
 * here.
 * @type {Partial<Rests>}
 */
export const RESTS = {};
