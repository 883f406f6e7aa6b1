// What a panel's first view can do without: it is loaded once the view is there, which is then
// drawn anew. The page, which has all of it at hand, waits for it.

/** @type {Record<string, () => Promise<unknown>>} */
const REST = {
  dots: () => import('./dots-rest.js'),
  heatmap: () => import('./heatmap-rest.js'),
  summary: () => import('./summary-rest.js'),
};

/**
 * Loads what a panel's first view did without.
 * @param {string} panel
 */
export const loadRest = (panel) => REST[panel]?.();
