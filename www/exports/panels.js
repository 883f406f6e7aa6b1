// A panel as a picture: drawn for it, at a width of its own, out of sight.
import { h } from '../dom/elements.js';
import { PANELS } from '../panels/index.js';
import { loadRest } from '../panels/rest.js';
import { svgOfView } from './chart.js';
import { OF_A_TENSOR, runsIn } from './source.js';

/** @import { View } from '../panels/view.js' */
/** @import { Ground } from './chart.js' */

/** What panels are called where a reader chooses one. @type {Record<string, string>} */
const NAMES = {
  summary: 'Summary',
  dots: 'Against a random update',
  energy: 'Energy by layer and module',
  heatmap: 'Layer × module',
  table: 'Tensors',
  spectrum: 'Spectrum of the tensor',
  angles: 'Angles of the tensor',
  map: 'Map of the tensor',
};

/** @param {string} panel */
export const namePanel = (panel) => NAMES[panel] ?? panel;

/**
 * The panels that a view has something for.
 * @param {Pick<View, 'tensor'>} view
 */
export const panelsFor = ({ tensor }) =>
  Object.keys(PANELS).filter((panel) => tensor !== null || !OF_A_TENSOR.has(panel));

/** Wide enough for a page of a paper. */
const WIDTH = 960;

/**
 * @param {string} panel
 * @param {View} view
 * @param {Ground} ground
 */
export async function svgOfPanel(panel, view, ground) {
  const [draw] = await Promise.all([PANELS[panel](), loadRest(panel)]);
  // Maps of pixels take the theme's colours while they are drawn. Nothing is painted before the
  // theme is back.
  const { style } = document.body;
  const scheme = style.colorScheme;
  if (ground === 'white') style.colorScheme = 'light';
  const stage = h('div', { class: 'export-stage', inert: true, 'aria-hidden': 'true' });
  stage.style.cssText = `position: absolute; left: -${2 * WIDTH}px; top: 0; width: ${WIDTH}px`;
  // It needs the page's styles, and nobody should meet it.
  document.body.append(stage);
  try {
    const drawn = draw({ ...view, width: WIDTH }, () => {});
    stage.append(drawn);
    const title = namePanel(panel);
    return svgOfView(drawn, { ...view, runs: runsIn(panel, view) }, { ground, title });
  } finally {
    stage.remove();
    style.colorScheme = scheme;
  }
}
