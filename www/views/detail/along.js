// Where the update lies along the spectrum of the base.
import { chartAlong } from '../../charts/spectra.js';
import { percent } from '../../report/format.js';
import { chanceInBrackets } from '../../report/chance.js';
import { figure } from '../parts/figure.js';

/** @import { Detailed } from '../../report/model.js' */

/** @param {Detailed} tensor */
export function alongSpectrum(tensor) {
  const chart = chartAlong(
    tensor,
    (name, place, share, level) =>
      `directions ${place}, ${name}: ${percent(share)}${chanceInBrackets(level, percent)}`,
  );
  return (
    chart &&
    figure(chart.title, chart.drawing, {
      series: chart.series,
      beside:
        'Share of ‖Δ‖_F² in blocks of singular directions of W0: by left directions, by ' +
        'right ones, and between a block’s own left and right ones. ' +
        'Dashed: a random update. Above it, the update prefers these directions.',
    })
  );
}
