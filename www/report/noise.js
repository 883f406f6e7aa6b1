// Values that are 0 but for rounding. Where k covers all directions of a matrix, its angles are 0
// and nothing lies off the principals; what double arithmetic leaves there says nothing.

/** @import { Detailed, Report, Rollup, WholeReport } from './model.js' */

/** Degrees; double arithmetic gives 1e-14 to 1e-12, where a change of one weight gives more. */
const LEAST_ANGLE = 1e-10;
/** Shares of ‖Δ‖², and sines. */
const LEAST_SHARE = 1e-12;

/** Angles of a matrix, each a number or a list, and its shares; a rollup has means of some. */
const ANGLES = [
  'rotation_max',
  'rotation_median',
  ...['angles_left', 'angles_right', 'vector_rotation_left', 'vector_rotation_right'],
];
const SHARES = ['off_principal_share', 'off_principal_left', 'off_principal_right'];

/**
 * Sets the fields of an object that are less than `least` to 0, and so in lists.
 * @param {any} object
 * @param {string[]} names
 * @param {number} least
 */
function settleFields(object, names, least) {
  const settle = (/** @type {unknown} */ value) =>
    typeof value === 'number' && Math.abs(value) < least ? 0 : value;
  for (const name of names) {
    const value = object?.[name];
    if (Array.isArray(value)) object[name] = value.map(settle);
    else if (value) object[name] = settle(value);
  }
}

/** @param {object} point */
function settlePoint(point) {
  settleFields(point, ANGLES, LEAST_ANGLE);
  settleFields(point, SHARES, LEAST_SHARE);
}

/** @param {Pick<Rollup, 'spectral'>} rollup */
function settleMeans({ spectral }) {
  const ends = ['mean', 'median', 'min', 'max'];
  for (const name of ANGLES) settleFields(spectral?.[name], ends, LEAST_ANGLE);
  for (const name of SHARES) settleFields(spectral?.[name], ends, LEAST_SHARE);
}

/**
 * Sets what is 0 but for rounding to 0 in one tensor.
 * @template {Pick<Detailed, 'geometry' | 'heads'>} T
 * @param {T} tensor
 * @returns {T}
 */
export function settleTensor(tensor) {
  const { geometry, heads } = tensor;
  if (geometry) [geometry, ...(geometry.sweep ?? [])].forEach(settlePoint);
  settleFields(geometry?.sin_theta, ['left', 'right'], LEAST_SHARE);
  settleFields(heads, ['rotation'], LEAST_ANGLE);
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
