// Where on the matrix the weights changed, how far, and where the principal mask lies.
import { cellMap } from '../../charts/map.js';
import { number, percent } from '../../report/format.js';
import {
  MAGNITUDE_ERROR,
  decodeMap,
  describeCell,
  cellWeights,
  correlation,
  decodeShare,
  decodeMagnitude,
  weightedDeviation,
  deviationByChance,
  weightedMean,
} from '../../report/maps.js';
import { figure } from '../parts/figure.js';

const cellSize = ({ row_group: high, column_group: wide }) =>
  `A cell is ${high} × ${wide} weights.`;

/**
 * How two maps go together, beside ± 2 standard deviations of what independent cells would have.
 */
function together(a, b, weights, what) {
  const found = correlation(a, b, weights);
  return found === null
    ? ''
    : ` Correlation with ${what}: ${number(found)}; chance 0 ± ${number(2 / Math.sqrt(Math.max(1, a.length - 1)))}, were cells independent.`;
}

/** What a map of a matrix of this shape has whatever it shows. */
const ofMatrix = (map, shape, values, format) => ({
  rows: map.rows,
  columns: map.columns,
  aspect: shape[0] / shape[1],
  values,
  format,
  say: (cell) => `${describeCell(map, cell, shape)}: ${format(values[cell])}`,
});

/**
 * A map of shares of weights; `level` is the share that every cell would have by chance, which
 * `because` says. `more` ends the text.
 */
export function densityMap({ title, map, coded, shape, level, about, because, more = '' }) {
  const bytes = decodeMap(coded, map);
  if (!bytes) return null;
  const weights = cellWeights(map, shape);
  const values = Float64Array.from(bytes, decodeShare);
  const points = [weightedDeviation(values, weights), deviationByChance(level, weights)].map(
    (share) => number(100 * share),
  );
  return figure(title, cellMap({ ...ofMatrix(map, shape, values, percent), level, label: title }), {
    beside: `${about} Chance: ${percent(level)} everywhere, ${because}. Cells spread by ${points[0]} points (standard deviation), independent weights would by ${points[1]}.${more} ${cellSize(map)}`,
  });
}

export function mapFigures({ maps, shape, precision }) {
  if (!maps || shape.length !== 2) return [];
  const weights = cellWeights(maps, shape);
  const share = 1 - precision.sparsity_bf16;
  const [changed, principal, update] = ['changed', 'principal', 'update'].map((field) =>
    decodeMap(maps[field], maps),
  );
  const shares = (bytes) => Float64Array.from(bytes, decodeShare);
  // In steps of the code, as a power of two: what is below the least of them counts as that.
  const sizes =
    update &&
    Float64Array.from(update, (byte) =>
      Math.log2(decodeMagnitude(Math.max(byte, 1), maps.update_max || 1)),
    );
  const withPrincipal = (values) =>
    values && principal ? together(values, shares(principal), weights, 'the principal mask') : '';
  const moved = update && maps.update_max > 0;
  const means =
    moved && Float64Array.from(update, (byte) => decodeMagnitude(byte, maps.update_max));
  const mean = moved && weightedMean(means, weights);
  return [
    densityMap({
      title: 'Map of changed weights',
      map: maps,
      coded: maps.changed,
      shape,
      level: share,
      about: 'Share of the weights of a cell that changed in bf16.',
      because: 'the matrix’s own share',
      more: withPrincipal(changed && shares(changed)),
    }),
    moved &&
      figure(
        'Map of the update',
        cellMap({
          ...ofMatrix(maps, shape, means, number),
          log: true,
          level: mean,
          label: 'Map of the update',
        }),
        {
          beside: `Mean |Δ| of a cell, to ± ${percent(MAGNITUDE_ERROR)}, on a log scale. Chance: ${number(mean)} everywhere, the matrix’s own mean.${withPrincipal(sizes)} ${cellSize(maps)}`,
        },
      ),
    principal &&
      densityMap({
        title: `Map of the principal mask, α = ${maps.alpha}`,
        map: maps,
        coded: maps.principal,
        shape,
        level: maps.alpha,
        about: 'Share of the weights of a cell that are in the principal mask of the base.',
        because: 'α',
      }),
  ].filter(Boolean);
}
