// Where the update lies along the spectrum of the base.
import { along } from '../../charts/along.js';
import { percent } from '../../report/format.js';
import { blockChance, blockNames } from '../../report/spectrum.js';
import { chanceInBrackets } from '../../report/chance.js';
import { figure } from '../parts/figure.js';

/** @import { Detailed } from '../../report/model.js' */

/** @param {Detailed} tensor */
export function alongSpectrum({ geometry, shape }) {
  const shares = geometry?.along_spectrum;
  if (!shares) return null;
  const chance = blockChance(shares.edges, shape);
  const series = [
    { name: 'left', observed: shares.left, chance: chance.left },
    { name: 'right', observed: shares.right, chance: chance.right },
    { name: 'both', observed: shares.core.map((row, i) => row[i]), chance: chance.both },
  ];
  const label = 'Energy of the update along the spectrum';
  return figure(
    label,
    along({
      label,
      x: 'singular directions of W0',
      y: 'share of ‖Δ‖², %',
      percent: true,
      log: true,
      places: blockNames(shares.edges),
      series,
      text: (name, place, share, level) =>
        `directions ${place}, ${name}: ${percent(share)}${chanceInBrackets(level, percent)}`,
    }),
    {
      series,
      beside:
        'Share of ‖Δ‖_F² in blocks of singular directions of W0: by left directions, by ' +
        'right ones, and between a block’s own left and right ones. ' +
        'Dashed: a random update. Above it, the update prefers these directions.',
    },
  );
}
