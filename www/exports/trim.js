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
  'bounds',
]);

/** Figures of whole runs: they show no tensor, and few metrics. */
const OF_RUNS = new Set(['summary', 'dots', 'energy']);

/** What those do without. */
const UNUSED = {
  tensor: [
    'dtype_base',
    'dtype_tuned',
    'error',
    'fisher',
    'fisher_note',
    'geometry_note',
    'figures_note',
    'quantized',
    'seconds',
    'transposed',
  ],
  precision: ['hidden_by_bf16', 'sparsity_abs', 'row_density', 'column_density'],
  update: ['entropy_rank', 'max_abs_update', 'rank_share', 'share_top_k', 'spectrum_error'],
  geometry: [
    'gap',
    'nss_interval',
    'off_principal_left',
    'off_principal_right',
    'sin_theta',
    'spectral_excess_interval',
    'spectral_share',
    'spectral_share_interval',
  ],
  mask: ['safe'],
};

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
  ...(geometry.chance && {
    chance: {
      ...geometry.chance,
      angles_left: [],
      angles_right: [],
      vectors_left: [],
      vectors_right: [],
    },
  }),
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

/**
 * What figures of whole runs read of a tensor.
 * @param {Detailed} tensor
 * @returns {Detailed}
 */
function keepForRuns(tensor) {
  const { precision, update, geometry, masks } = tensor;
  return {
    ...without(tensor, UNUSED.tensor),
    ...(precision && { precision: without(precision, UNUSED.precision) }),
    ...(update && { update: without(update, UNUSED.update) }),
    ...(geometry && { geometry: without(geometry, UNUSED.geometry) }),
    masks: (masks ?? []).map((mask) => without(mask, UNUSED.mask)),
  };
}

/** @param {Rollup} rollup */
const trimRollup = (rollup) => without(rollup, ['sweep']);

/** What a comparison of runs has besides its numbers. */
const OVERLAP_DETAILS = ['row_consensus', 'column_consensus', 'consensus_map', 'steps'];

/**
 * The report for one figure: for one of a tensor, that tensor with everything; for one of whole
 * runs, what it reads of each tensor; for others, all tensors without lists, curves and maps.
 * @param {WholeReport} report As it is written, without what opening it adds.
 * @param {string} figure
 * @param {string | null} [tensor]
 * @returns {WholeReport}
 */
export function trimReport(report, figure, tensor = null) {
  const single = OF_A_TENSOR.has(figure) && tensor !== null;
  const ofRuns = OF_RUNS.has(figure);
  /** @param {{ name?: string | null }} entry */
  const isNamed = ({ name }) => name === tensor;
  /** @param {Detailed} one */
  const trim = (one) => (ofRuns ? keepForRuns(trimTensor(one)) : trimTensor(one));
  return {
    ...report,
    runs: report.runs.map((run) => ({
      ...run,
      tensors: single ? run.tensors.filter(isNamed) : run.tensors.map(trim),
      model: trimRollup(run.model),
      // Figures group the tensors themselves.
      layers: [],
      modules: [],
    })),
    overlaps: (ofRuns ? [] : (report.overlaps ?? []))
      .filter((entry) => !single || isNamed(entry) || (entry.name ?? null) === null)
      .map((entry) => (single ? entry : without(entry, OVERLAP_DETAILS))),
  };
}
