// Values that are 0 but for rounding. Where k covers all directions of a matrix, its angles are 0
// and nothing lies off the principals; what double arithmetic leaves there says nothing.

/** @import { Detailed, Geometry, Heads, Mean, Report } from './model.js' */
/** @import { Rollup, SweepPoint, WholeReport } from './model.js' */

/** Degrees; double arithmetic gives 1e-14 to 1e-12, where a change of one weight gives more. */
const LEAST_ANGLE = 1e-10;
/** Shares of ‖Δ‖², and sines. */
const LEAST_SHARE = 1e-12;

/** @param {number} least */
const settleAt =
  (least) =>
  /**
   * @template {number | null | undefined} T
   * @param {T} value
   * @returns {T | 0}
   */
  (value) => (typeof value === 'number' && Math.abs(value) < least ? 0 : value);

const settleAngle = settleAt(LEAST_ANGLE);
const settleShare = settleAt(LEAST_SHARE);

/** @param {Geometry | SweepPoint} point */
function settlePoint(point) {
  point.rotation_max = settleAngle(point.rotation_max);
  point.rotation_median = settleAngle(point.rotation_median);
  point.off_principal_share = settleShare(point.off_principal_share);
  point.off_principal_left = settleShare(point.off_principal_left);
  point.off_principal_right = settleShare(point.off_principal_right);
}

/** @param {Geometry} geometry */
function settleGeometry(geometry) {
  settlePoint(geometry);
  geometry.sweep?.forEach(settlePoint);
  geometry.angles_left = geometry.angles_left?.map(settleAngle);
  geometry.angles_right = geometry.angles_right?.map(settleAngle);
  geometry.vector_rotation_left = geometry.vector_rotation_left?.map(settleAngle);
  geometry.vector_rotation_right = geometry.vector_rotation_right?.map(settleAngle);
  if (!geometry.sin_theta) return;
  geometry.sin_theta.left = settleShare(geometry.sin_theta.left);
  geometry.sin_theta.right = settleShare(geometry.sin_theta.right);
}

/** @param {Heads} heads */
function settleHeads(heads) {
  heads.rotation = heads.rotation?.map(settleAngle);
}

/** Means by the names that a rollup gives them. */
const ANGLES = ['rotation_max', 'rotation_median'];
const SHARES = ['off_principal_share', 'off_principal_left', 'off_principal_right'];

/** @param {Pick<Rollup, 'spectral'>} rollup */
function settleMeans({ spectral }) {
  /** @type {(mean: Mean | undefined, settle: typeof settleAngle) => void} */
  const settle = (mean, settleValue) => {
    if (!mean) return;
    mean.mean = settleValue(mean.mean);
    mean.median = settleValue(mean.median);
    mean.min = settleValue(mean.min);
    mean.max = settleValue(mean.max);
  };
  ANGLES.forEach((name) => settle(spectral?.[name], settleAngle));
  SHARES.forEach((name) => settle(spectral?.[name], settleShare));
}

/**
 * Sets what is 0 but for rounding to 0 in one tensor.
 * @template {Pick<Detailed, 'geometry' | 'heads'>} T
 * @param {T} tensor
 * @returns {T}
 */
export function settleTensor(tensor) {
  if (tensor.geometry) settleGeometry(tensor.geometry);
  if (tensor.heads) settleHeads(tensor.heads);
  return tensor;
}

/**
 * The same in the means of groups of tensors.
 * @template {Pick<Report, 'runs'>} T
 * @param {T} report
 * @returns {T}
 */
export function settleRollups(report) {
  for (const { model, layers = [], modules = [] } of report.runs)
    for (const rollup of [model, ...layers, ...modules])
      [rollup, ...(rollup.sweep ?? [])].forEach(settleMeans);
  return report;
}

/**
 * The same in a whole report.
 * @template {WholeReport} T
 * @param {T} report
 * @returns {T}
 */
export function settleNoise(report) {
  for (const { tensors } of report.runs) tensors.forEach(settleTensor);
  return settleRollups(report);
}
