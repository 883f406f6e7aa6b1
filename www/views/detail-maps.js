// Where on the matrix the weights changed, how far, and where the principal mask lies.
import { matrixMap } from '../charts/map.js';
import { number, percent } from '../format.js';
import { MAGNITUDE_ERROR, bytesOf, cellWeights, correlation, density, magnitude, weightedMean } from '../maps.js';
import { figure } from './figure.js';

const cellSize = ({ row_group: high, column_group: wide }) => `A cell is ${high} × ${wide} weights.`;

/** How two maps go together, beside ± 2 standard deviations of what independent cells would have. */
function together(a, b, weights, what) {
  const found = correlation(a, b, weights);
  return found === null ? '' : ` Correlation with ${what}: ${number(found)}; chance 0 ± ${number(2 / Math.sqrt(Math.max(1, a.length - 1)))}, were cells independent.`;
}

/** A map of shares of weights; `level` is the share that every cell would have by chance. */
export function densityMap({ title, map, coded, shape, level, beside }) {
  const bytes = bytesOf(coded, map);
  if (!bytes) return null;
  return figure(title, matrixMap({ map, bytes, value: density, shape, format: percent, level, label: title }), { beside: `${beside} ${cellSize(map)}` });
}

export function mapFigures({ maps, shape, precision }) {
  if (!maps || shape.length !== 2) return [];
  const weights = cellWeights(maps, shape);
  const share = 1 - precision.sparsity_bf16;
  const [changed, principal, update] = ['changed', 'principal', 'update'].map((field) => bytesOf(maps[field], maps));
  const shares = (bytes) => Float64Array.from(bytes, density);
  // In steps of the code, as a power of two: what is below the least of them counts as that.
  const sizes = update && Float64Array.from(update, (byte) => Math.log2(magnitude(Math.max(byte, 1), maps.update_max || 1)));
  const withPrincipal = (values) => (values && principal ? together(values, shares(principal), weights, 'the principal mask') : '');
  const moved = update && maps.update_max > 0;
  const mean = moved && weightedMean(Float64Array.from(update, (byte) => magnitude(byte, maps.update_max)), weights);
  return [
    densityMap({ title: 'Map of changed weights', map: maps, coded: maps.changed, shape, level: share,
      beside: `Share of the weights of a cell that changed in bf16. Chance: ${percent(share)} everywhere, the matrix’s own share.${withPrincipal(changed && shares(changed))}` }),
    moved && figure('Map of the update', matrixMap({ map: maps, bytes: update, value: (byte) => magnitude(byte, maps.update_max), shape, format: number, log: true, label: 'Map of the update' }), {
      beside: `Mean |Δ| of a cell, to ± ${percent(MAGNITUDE_ERROR)}, on a log scale. Chance: ${number(mean)} everywhere, the matrix’s own mean.${withPrincipal(sizes)} ${cellSize(maps)}` }),
    principal && densityMap({ title: `Map of the principal mask, α = ${maps.alpha}`, map: maps, coded: maps.principal, shape, level: maps.alpha,
      beside: `Share of the weights of a cell that are in the principal mask of the base. Chance: ${percent(maps.alpha)} everywhere.` }),
  ].filter(Boolean);
}
