// A report with no more in it than one figure needs: what is written into an article should not be
// megabytes long.

/** @import { Report, Tensor } from '../report/model.js' */

/** Figures of one tensor, which need all that the report has of it. */
const OF_A_TENSOR = new Set(['spectrum', 'angles', 'map']);

/** Lists, curves and maps of a tensor, which no figure of many tensors shows. */
const DETAILS = /** @type {const} */ (['maps', 'heads', 'function_preserving']);

/** The same of its geometry: what is left are single values, their levels and their errors. */
const CURVES = /** @type {const} */ ([
  'along_spectrum',
  'angles_left',
  'angles_right',
  'spectrum_base',
  'spectrum_tuned',
  'vector_rotation_left',
  'vector_rotation_right',
  'vector_rotation_uncertainty',
  'sweep',
]);

/**
 * @template {object} T
 * @param {T} object
 * @param {readonly string[]} keys
 * @returns {T}
 */
const without = (object, keys) =>
  /** @type {T} */ (
    Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
  );

/**
 * Lists become empty, since the schema has them in every report.
 * @param {Tensor} tensor
 * @returns {Tensor}
 */
function trimTensor(tensor) {
  const { geometry, masks, update, ...rest } = without(tensor, DETAILS);
  return {
    ...rest,
    ...(update !== undefined && { update }),
    masks: (masks ?? []).map((mask) => without(mask, ['sweep'])),
    ...(geometry !== undefined && {
      geometry: geometry && {
        ...without(geometry, CURVES),
        angles_left: [],
        angles_right: [],
        spectrum_base: [],
        spectrum_tuned: [],
        vector_rotation_left: [],
        vector_rotation_right: [],
      },
    }),
  };
}

/**
 * The report for one figure: for one of a tensor, that tensor with everything; for others, all
 * tensors without lists, curves and maps. The rollups stay, since they are of all tensors.
 * @param {Report} report As it is written, without what opening it adds.
 * @param {string} figure
 * @param {string | null} [tensor]
 * @returns {Report}
 */
export function trimReport(report, figure, tensor = null) {
  const single = OF_A_TENSOR.has(figure) && tensor !== null;
  /** @param {{ name?: string | null }} entry */
  const isNamed = ({ name }) => name === tensor;
  return {
    ...report,
    runs: report.runs.map((run) => ({
      ...run,
      tensors: single ? run.tensors.filter(isNamed) : run.tensors.map(trimTensor),
    })),
    overlaps: (report.overlaps ?? [])
      .filter((entry) => !single || isNamed(entry) || (entry.name ?? null) === null)
      .map((entry) => (single ? entry : without(entry, OVERLAP_DETAILS))),
  };
}

const OVERLAP_DETAILS = ['row_consensus', 'column_consensus', 'consensus_map', 'steps'];
