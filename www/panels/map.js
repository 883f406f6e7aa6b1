// Where on a matrix its weights changed, how far, and where the principal mask of the base lies.
import { matrixMap } from '../charts/matrix-map.js';
import { number, percent } from '../report/format.js';
import {
  MAGNITUDE_ERROR,
  cellWeights,
  decodeMagnitude,
  decodeMap,
  decodeShare,
  weightedMean,
} from '../report/maps.js';
import { chartOf, drawTensor } from './tensor.js';

/** @import { Format } from '../report/format.js' */
/** @import { Values } from '../report/maps.js' */
/** @import { Detailed } from '../report/model.js' */
/** @import { Panel } from './view.js' */

/**
 * @param {Detailed} tensor
 * @returns {HTMLElement[]}
 */
function drawMaps({ maps, shape, precision }) {
  if (!maps || !precision || shape.length !== 2) return [];
  /**
   * @param {string} title
   * @param {Values} values
   * @param {number | null} level
   * @param {Format} format
   * @param {string} text
   */
  const draw = (title, values, level, format, text) =>
    chartOf({
      title,
      drawing: matrixMap(maps, shape, { title, values, format, level }),
      text: `${text} A cell is ${maps.row_group} × ${maps.column_group} weights.`,
    });
  /** @param {string | null | undefined} coded */
  const sharesOf = (coded) => {
    const bytes = decodeMap(coded, maps);
    return bytes && Float64Array.from(bytes, decodeShare);
  };
  const [changed, principal] = [sharesOf(maps.changed), sharesOf(maps.principal)];
  const update = maps.update_max > 0 ? decodeMap(maps.update, maps) : null;
  const sizes =
    update && Float64Array.from(update, (byte) => decodeMagnitude(byte, maps.update_max));
  const share = 1 - precision.sparsity_bf16;
  return [
    changed &&
      draw(
        'Map of changed weights',
        changed,
        share,
        percent,
        `Share of weights that changed in bf16; spread evenly, ${percent(share)} everywhere.`,
      ),
    sizes &&
      draw(
        'Map of the update',
        sizes,
        weightedMean(sizes, cellWeights(maps, shape)),
        number,
        `Mean |Δ|, to ± ${percent(MAGNITUDE_ERROR)}, beside the matrix’s own mean.`,
      ),
    principal &&
      draw(
        `Map of the principal mask, α = ${maps.alpha}`,
        principal,
        maps.alpha,
        percent,
        'Share of weights in the principal mask of the base; spread evenly, α everywhere.',
      ),
  ].filter((map) => map !== null);
}

/** @type {Panel} */
export const drawMap = (view) =>
  drawTensor(view, {
    isShown: ({ precision, shape }) => Boolean(precision) && shape.length === 2,
    draw: drawMaps,
    what: 'maps',
  });
