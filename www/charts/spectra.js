// The spectra of one matrix as charts: its own, that of the update, and where along the base the
// update lies. What is said beside them is for who shows them.
import { blockChance, blockNames } from '../report/spectrum.js';
import { along } from './along.js';
import { curves } from './curves.js';

/** @import { Detailed, Geometry } from '../report/model.js' */
/** @import { Maybe } from '../report/format.js' */
/** @import { Series } from './curves.js' */

/** @param {Pick<Geometry, 'spectrum_base' | 'spectrum_tuned'>} geometry */
export function chartSpectra({ spectrum_base: base, spectrum_tuned: tuned }) {
  /** @type {Series[]} */
  const series = [
    { name: 'base', values: base },
    { name: 'tuned', values: tuned, dashed: true },
  ];
  return {
    title: 'Singular values',
    series,
    drawing: curves({ label: 'Singular values of base and tuned', series, y: 'σ', log: true }),
  };
}

/**
 * Null where the update of a tensor has no spectrum.
 * @param {Pick<Detailed, 'shape' | 'update'>} tensor
 */
export function chartUpdate({ shape, update }) {
  if (!update?.spectrum?.length || shape.length !== 2) return null;
  const [m, n] = shape;
  const edge = update.frobenius_update * (1 / Math.sqrt(m) + 1 / Math.sqrt(n));
  const title = 'Singular values of the update';
  return {
    title,
    update,
    drawing: curves({
      label: title,
      series: [{ name: 'Δ', values: update.spectrum }],
      y: 'σ(Δ)',
      log: true,
      rules: [{ y: edge, label: 'largest of a random update' }],
    }),
  };
}

/**
 * Null where a report does not have the shares.
 * @param {Pick<Detailed, 'shape' | 'geometry'>} tensor
 * @param {(name: string, place: string, share: Maybe, level: Maybe) => string} text Of a point.
 */
export function chartAlong({ shape, geometry }, text) {
  const shares = geometry?.along_spectrum;
  if (!shares) return null;
  const chance = blockChance(shares.edges, shape);
  const series = [
    { name: 'left', observed: shares.left, chance: chance.left },
    { name: 'right', observed: shares.right, chance: chance.right },
    { name: 'both', observed: shares.core.map((row, i) => row[i]), chance: chance.both },
  ];
  const title = 'Energy of the update along the spectrum';
  return {
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
      text,
    }),
  };
}
