// Where on the matrix the weights changed, how far, and where the principal mask lies.
import { matrixMap } from '../../charts/matrix-map.js';
import { formatError, number, percent } from '../../report/format.js';
import {
  MAGNITUDE_ERROR,
  decodeMap,
  cellWeights,
  correlation,
  decodeShare,
  decodeMagnitude,
  weightedDeviation,
  deviationByChance,
  weightedMean,
} from '../../report/maps.js';
import { figure } from '../parts/figure.js';

/** @import { Detailed } from '../../report/model.js' */
/** @import { MapLayout, Values } from '../../report/maps.js' */

/** @param {MapLayout} map */
const cellSize = ({ row_group: high, column_group: wide }) =>
  `A cell is ${high} × ${wide} weights.`;

/**
 * How two maps go together, beside ± 2 standard deviations of what independent cells would have.
 * @param {Values} a
 * @param {Values} b
 * @param {Values} weights
 * @param {string} what The other map.
 */
function describeCorrelation(a, b, weights, what) {
  const found = correlation(a, b, weights);
  return found === null
    ? ''
    : ` Correlation with ${what}: ${number(found)}; random 0 ± ` +
        `${formatError(number, 2 / Math.sqrt(Math.max(1, a.length - 1)))}, were cells independent.`;
}

/**
 * A map of shares of weights.
 * @param {object} options
 * @param {string} options.title
 * @param {MapLayout} options.map
 * @param {string | null | undefined} options.coded
 * @param {number[]} options.shape
 * @param {number} options.level The share that every cell would have by chance.
 * @param {string} options.about
 * @param {string} options.because Why that is chance.
 * @param {string} [options.more] Ends the text.
 */
export function densityMap({ title, map, coded, shape, level, about, because, more = '' }) {
  const bytes = decodeMap(coded, map);
  if (!bytes) return null;
  const weights = cellWeights(map, shape);
  const values = Float64Array.from(bytes, decodeShare);
  const points = [weightedDeviation(values, weights), deviationByChance(level, weights)].map(
    (share) => number(100 * share),
  );
  return figure(title, matrixMap(map, shape, { title, values, format: percent, level }), {
    beside:
      `${about} Random: ${percent(level)} everywhere, ${because}. Cells spread by ` +
      `${points[0]} points (standard deviation), independent weights would by ` +
      `${points[1]}.${more} ${cellSize(map)}`,
  });
}

/** @param {Detailed} tensor */
export function mapFigures({ maps, shape, precision }) {
  if (!maps || !precision || shape.length !== 2) return [];
  const weights = cellWeights(maps, shape);
  const share = 1 - precision.sparsity_bf16;
  const [changed, principal, update] = [maps.changed, maps.principal, maps.update].map((coded) =>
    decodeMap(coded, maps),
  );
  /** @param {Uint8Array} bytes */
  const shares = (bytes) => Float64Array.from(bytes, decodeShare);
  // In steps of the code, as a power of two: what is below the least of them counts as that.
  const sizes =
    update &&
    Float64Array.from(update, (byte) =>
      Math.log2(decodeMagnitude(Math.max(byte, 1), maps.update_max || 1)),
    );
  /** @param {Values | null} values */
  const withPrincipal = (values) =>
    values && principal
      ? describeCorrelation(values, shares(principal), weights, 'the principal mask')
      : '';
  const means =
    update && maps.update_max > 0
      ? Float64Array.from(update, (byte) => decodeMagnitude(byte, maps.update_max))
      : null;
  const mean = means && weightedMean(means, weights);
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
    means &&
      figure(
        'Map of the update',
        matrixMap(maps, shape, {
          title: 'Map of the update',
          values: means,
          format: number,
          level: mean,
          log: true,
        }),
        {
          beside:
            `Mean |Δ| of a cell, to ± ${percent(MAGNITUDE_ERROR)}, on a log scale. Random: ` +
            `${number(mean)} everywhere, the matrix’s own mean.${withPrincipal(sizes)} ` +
            `${cellSize(maps)}`,
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
