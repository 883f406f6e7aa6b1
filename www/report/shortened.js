// What a report of many matrices leaves out of each one's details.
import { count } from './format.js';

/** @import { Report } from './model.js' */

/**
 * What to say of it; null where all details are there.
 * @param {Pick<Report, 'shortened'>} report
 */
export function describeShortened({ shortened }) {
  if (!shortened) return null;
  const { matrices, map_side: side, curve_length: length, sweeps } = shortened;
  const { lists = true, subspaces = true } = shortened;
  if (!subspaces)
    return (
      `With ${count(matrices)} matrices, single tensors have precision and size of their update ` +
      'alone: rotation, NSS and masks are there for layers, modules and the model. Compare fewer ' +
      'checkpoints at once, or fewer layers, to have them.'
    );
  return (
    `With ${count(matrices)} matrices, details of single tensors are shortened: ` +
    `${side ? `maps have at most ${side} × ${side} cells` : 'there are no maps'}, spectra and ` +
    `angles their ${length} leading values${sweeps ? '' : ', and nothing is there against k'}` +
    `${lists ? '' : ', nor by row, by column and by distance'}. ` +
    'Analyse fewer layers to have them whole. The values of this table are complete.'
  );
}
