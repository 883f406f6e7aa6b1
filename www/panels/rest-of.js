// Where the later parts of panels are kept once they are loaded (rest.js).

/** @import { exploreDots } from '../charts/explore-dots.js' */
/** @import { Reading, measureChange } from '../report/ratios.js' */
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
 * @property {(view: Pick<View, 'report' | 'alpha'>) => HTMLElement} describeMethod
 * @property {(shown: Shown[]) => HTMLElement} tableOf
 * @property {(shown: Shown[]) => string[]} listNotes
 * @property {(focus: Shown) => string | null} describeUnplaced
 * @property {typeof exploreDots} exploreDots
 */

/**
 * @typedef {object} Rests
 * @property {DotsRest} dots
 * @property {{ describeDecision: (signals: Signal[]) => HTMLElement }} summary
 */

/** @type {Partial<Rests>} */
const rests = {};

/**
 * @template {keyof Rests} Name
 * @param {Name} name
 * @param {Rests[Name]} rest
 */
export function offerRest(name, rest) {
  rests[name] = rest;
}

/**
 * The later part of a panel; undefined as long as it is not loaded.
 * @template {keyof Rests} Name
 * @param {Name} name
 * @returns {Partial<Rests>[Name]}
 */
export const findRest = (name) => rests[name];
