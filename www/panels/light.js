// The panels that no chart library draws: what a page has that shows no chart of one tensor.

/** @import { Panel } from './view.js' */

/** @type {Record<string, () => Promise<Panel>>} */
export const PANELS = {
  summary: async () => (await import('./summary.js')).drawSummary,
  dots: async () => (await import('./dots.js')).drawDots,
  energy: async () => (await import('./energy.js')).drawEnergy,
  table: async () => (await import('./table.js')).drawTable,
  heatmap: async () => (await import('./heatmap.js')).drawHeatmap,
};
