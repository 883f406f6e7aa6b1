// The attention heads of one matrix, each for itself.
import { headBars } from '../charts/heads.js';
import { degrees, number, percent, signed } from '../format.js';
import { figure } from './figure.js';

const known = (values) => values.filter((value) => value !== null);
const mean = (values) => (known(values).length ? known(values).reduce((a, b) => a + b, 0) / known(values).length : null);

function densities({ heads: { axis, size, density }, shape, precision }) {
  const own = 1 - precision.sparsity_bf16;
  const weights = size * (axis === 'rows' ? shape[1] : shape[0]);
  const spread = 2 * Math.sqrt((own * (1 - own)) / weights);
  const label = 'Changed weights by head';
  const values = density.map((share) => (share === null ? null : share - own));
  return figure(label, headBars({ label, y: 'less the matrix’s own share, points', percent: true, values, level: 0, band: [-spread, spread],
    text: (head) => `head ${head}: ${percent(density[head])}, ${signed((density[head] - own) * 100)} points` }), {
    beside: `0 is the matrix’s own share, ${percent(own)}: what every head would have by chance; shaded ± 2 standard deviations of independent changes. `
      + `Heads have ${percent(Math.min(...known(density)))} to ${percent(Math.max(...known(density)))}.` });
}

function alike(label, y, values, format, beside) {
  const level = mean(values);
  if (level === null) return null;
  return figure(label, headBars({ label, y, values, level, text: (head) => `head ${head}: ${format(values[head])}, mean of the heads ${format(level)}` }),
    { beside: `${beside} Dashed: ${format(level)}, the mean of the heads, which heads that are alike would all have.` });
}

export function headFigures(tensor) {
  const { heads } = tensor;
  if (!heads?.count) return [];
  const side = heads.axis === 'rows' ? 'right' : 'left';
  return [
    densities(tensor),
    alike(`Rotation by head, k = ${heads.k}`, 'degrees', heads.rotation, degrees,
      `Largest principal angle of each head’s own rank-${heads.k} subspace on the hidden side (${side} vectors).`),
    alike('NSS by head', 'NSS', heads.nss, number, `Of each head’s own block of ${heads.size} ${heads.axis}, whole spectrum.`),
  ].filter(Boolean);
}
