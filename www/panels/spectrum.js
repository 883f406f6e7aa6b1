// The spectra of one matrix: base beside tuned, the update, and where along the base it lies.
import { chartAlong, chartSpectra, chartUpdate } from '../charts/spectra.js';
import { chanceInBrackets } from '../report/chance.js';
import { number, percent, within } from '../report/format.js';
import { visibleError } from '../report/reading-words.js';
import { chartOf, drawTensor } from './tensor.js';

/** @import { Detailed, Geometry } from '../report/model.js' */
/** @import { Panel } from './view.js' */

/** @param {Geometry} geometry */
function spectra({ nss, nss_top_k: top, nss_top_k_uncertainty: error, k, chance, ...geometry }) {
  return chartOf({
    ...chartSpectra(geometry),
    text:
      `${typeof nss === 'number' ? `NSS ${number(nss)}${chanceInBrackets(chance.nss)}; ` : ''}` +
      `NSS of the top ${k}: ${within(number, top, visibleError(top, error))}` +
      `${chanceInBrackets(chance.nss_top_k)}.`,
  });
}

/** @param {Detailed} tensor */
function updateSpectrum(tensor) {
  const chart = chartUpdate(tensor);
  if (!chart) return null;
  const { stable_rank: rank, spectrum_error: error, chance } = chart.update;
  const estimated = typeof error === 'number' && error > 0;
  return chartOf({
    title: chart.title,
    drawing: chart.drawing,
    text:
      `Stable rank ${number(rank)}${chanceInBrackets(chance?.stable_rank)}` +
      `${estimated ? `; estimated, relative error up to ${number(error)}` : '; exact'}.`,
  });
}

/** @param {Detailed} tensor */
function alongSpectrum(tensor) {
  const chart = chartAlong(
    tensor,
    (name, _, share, level) => `${name}: ${percent(share)}${chanceInBrackets(level, percent)}`,
  );
  const text = 'Above the dashed line, the update prefers these directions of the base.';
  return chart && chartOf({ ...chart, text });
}

/** @type {Panel} */
export const drawSpectrum = (view) =>
  drawTensor(view, {
    isShown: ({ geometry }) => Boolean(geometry),
    draw: (tensor) =>
      [
        tensor.geometry && spectra(tensor.geometry),
        updateSpectrum(tensor),
        alongSpectrum(tensor),
      ].filter(Boolean),
    what: 'spectrum',
  });
