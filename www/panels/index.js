// All panels by name. Each is loaded when it is first shown, so that a page with one of them does
// not bring the charts of the others.

/** @import { Panel } from './view.js' */

/** @type {Record<string, () => Promise<Panel>>} */
export const PANELS = {
  summary: async () => (await import('./summary.js')).drawSummary,
  dots: async () => (await import('./dots.js')).drawDots,
  energy: async () => (await import('./energy.js')).drawEnergy,
  table: async () => (await import('./table.js')).drawTable,
  heatmap: async () => (await import('./heatmap.js')).drawHeatmap,
  spectrum: async () => (await import('./spectrum.js')).drawSpectrum,
  angles: async () => (await import('./angles.js')).drawAngles,
  map: async () => (await import('./map.js')).drawMap,
};
