// A report with no more in it than one figure needs: what is written into an article should not be
// megabytes long.

import { OF_A_TENSOR } from './source.js';

/** @import { Detailed, Rollup, WholeReport } from '../report/model.js' */

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

/** A histogram with no bins. */
const NO_BINS = { from: [], to: [], counts: [] };

/**
 * A density along rows or columns without its curve: how uneven it is stays.
 * @template {{ values: number[] }} T
 * @param {T | null | undefined} profile
 */
const withoutCurve = (profile) => profile && { ...profile, values: [] };

/** @param {NonNullable<Detailed['precision']>} precision */
const trimPrecision = (precision) => ({
  ...precision,
  ulp_histogram: NO_BINS,
  magnitude_deciles: [],
  row_density: withoutCurve(precision.row_density),
  column_density: withoutCurve(precision.column_density),
});

/** @param {NonNullable<Detailed['geometry']>} geometry */
const trimGeometry = (geometry) => ({
  ...without(geometry, CURVES),
  angles_left: [],
  angles_right: [],
  spectrum_base: [],
  spectrum_tuned: [],
  vector_rotation_left: [],
  vector_rotation_right: [],
});

/**
 * Lists become empty, since the schema has them in every report.
 * @param {Detailed} tensor
 * @returns {Detailed}
 */
function trimTensor(tensor) {
  const { geometry, precision, update, masks } = tensor;
  return {
    ...without(tensor, DETAILS),
    ...(precision && { precision: trimPrecision(precision) }),
    ...(update && { update: { ...update, spectrum: [] } }),
    ...(geometry && { geometry: trimGeometry(geometry) }),
    masks: (masks ?? []).map((mask) => without(mask, ['sweep'])),
  };
}

/** @param {Rollup} rollup */
const trimRollup = (rollup) => without(rollup, ['sweep']);

/** What a comparison of runs has besides its numbers. */
const OVERLAP_DETAILS = ['row_consensus', 'column_consensus', 'consensus_map', 'steps'];

/**
 * The report for one figure: for one of a tensor, that tensor with everything; for others, all
 * tensors without lists, curves and maps. The rollups stay, since they are of all tensors.
 * @param {WholeReport} report As it is written, without what opening it adds.
 * @param {string} figure
 * @param {string | null} [tensor]
 * @returns {WholeReport}
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
      model: trimRollup(run.model),
      layers: run.layers.map(trimRollup),
      modules: run.modules.map(trimRollup),
    })),
    overlaps: (report.overlaps ?? [])
      .filter((entry) => !single || isNamed(entry) || (entry.name ?? null) === null)
      .map((entry) => (single ? entry : without(entry, OVERLAP_DETAILS))),
  };
}
