// The spectra of one matrix: base beside tuned, the update, and where along the base it lies.
import { along } from '../charts/along.js';
import { curves } from '../charts/curves.js';
import { number, percent, within } from '../report/format.js';
import { visibleError } from '../report/reading-words.js';
import { blockChance, blockNames } from '../report/spectrum.js';
import { chartOf, drawTensor } from './tensor.js';

/** @import { Detailed, Geometry } from '../report/model.js' */
/** @import { Panel } from './view.js' */

/**
 * A random level in words; nothing where there is none.
 * @param {number | null | undefined} level
 * @param {(value: number) => string} format
 */
const random = (level, format = number) =>
  typeof level === 'number' ? ` (random ${format(level)})` : '';

/** @param {Geometry} geometry */
function spectra({
  spectrum_base: base,
  spectrum_tuned: tuned,
  nss,
  nss_top_k: top,
  nss_top_k_uncertainty: error,
  k,
  chance,
}) {
  const series = [
    { name: 'base', values: base },
    { name: 'tuned', values: tuned, dashed: true },
  ];
  return chartOf({
    title: 'Singular values',
    series,
    drawing: curves({ label: 'Singular values of base and tuned', series, y: 'σ', log: true }),
    text:
      `${typeof nss === 'number' ? `NSS ${number(nss)}${random(chance.nss)}; ` : ''}` +
      `NSS of the top ${k}: ${within(number, top, visibleError(top, error))}` +
      `${random(chance.nss_top_k)}.`,
  });
}

/** @param {Detailed} tensor */
function updateSpectrum({ shape, update }) {
  if (!update?.spectrum?.length || shape.length !== 2) return null;
  const { spectrum, frobenius_update: norm, stable_rank: rank, spectrum_error: error } = update;
  const [m, n] = shape;
  const edge = norm * (1 / Math.sqrt(m) + 1 / Math.sqrt(n));
  const estimated = typeof error === 'number' && error > 0;
  return chartOf({
    title: 'Singular values of the update',
    drawing: curves({
      label: 'Singular values of the update',
      series: [{ name: 'Δ', values: spectrum }],
      y: 'σ(Δ)',
      log: true,
      rules: [{ y: edge, label: 'largest of a random update' }],
    }),
    text:
      `Stable rank ${number(rank)}${random(update.chance?.stable_rank)}` +
      `${estimated ? `; estimated, relative error up to ${number(error)}` : '; exact'}.`,
  });
}

/** @param {Detailed} tensor */
function alongSpectrum({ geometry, shape }) {
  const shares = geometry?.along_spectrum;
  if (!shares) return null;
  const chance = blockChance(shares.edges, shape);
  const series = [
    { name: 'left', observed: shares.left, chance: chance.left },
    { name: 'right', observed: shares.right, chance: chance.right },
    { name: 'both', observed: shares.core.map((row, i) => row[i]), chance: chance.both },
  ];
  const title = 'Energy of the update along the spectrum';
  return chartOf({
    title,
    series,
    drawing: along({
      label: title,
      x: 'singular directions of W0',
      y: 'share of ‖Δ‖², %',
      percent: true,
      log: true,
      places: blockNames(shares.edges),
      series,
      text: (name, _, share, level) => `${name}: ${percent(share)}${random(level, percent)}`,
    }),
    text: 'Above the dashed line, the update prefers these directions of the base.',
  });
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
