// Where the later parts of panels are kept once they are loaded (rest.js).

/** @import { View } from './view.js' */
/** @import { Signal } from '../report/placement.js' */

/**
 * @typedef {object} Rests
 * @property {{ describeMethod: (view: Pick<View, 'report' | 'alpha'>) => HTMLElement }} dots
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
