// All panels by name. Each is loaded when it is first shown, so that a page with one of them does
// not bring the charts of the others.
import { PANELS as LIGHT } from './light.js';

/** @import { Panel } from './view.js' */

/** @type {Record<string, () => Promise<Panel>>} */
export const PANELS = {
  ...LIGHT,
  spectrum: async () => (await import('./spectrum.js')).drawSpectrum,
  angles: async () => (await import('./angles.js')).drawAngles,
  map: async () => (await import('./map.js')).drawMap,
};
