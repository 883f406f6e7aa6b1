// What of a tensor is left when its maps and curves are taken away: enough for tables, heatmaps and
// means. The rest is read from the file when a reader opens the tensor.

/** @import { Detailed, Overlap, OverlapSummary, Tensor } from './model.js' */

/**
 * Paths of a tensor's details, `[]` for the entries of a list. The types `Tensor` and `Detailed`
 * of model.d.ts differ by these.
 */
export const TENSOR_DETAILS = [
  'maps',
  'heads',
  'precision.ulp_histogram',
  'precision.magnitude_deciles',
  'precision.row_density.values',
  'precision.column_density.values',
  'update.spectrum',
  'geometry.spectrum_base',
  'geometry.spectrum_tuned',
  'geometry.angles_left',
  'geometry.angles_right',
  'geometry.vector_rotation_left',
  'geometry.vector_rotation_right',
  'geometry.vector_rotation_uncertainty',
  'geometry.along_spectrum',
  'geometry.sweep',
  'geometry.bounds',
  'geometry.chance.angles_left',
  'geometry.chance.angles_right',
  'geometry.chance.vectors_left',
  'geometry.chance.vectors_right',
  'masks[].sweep',
  'listed.map',
  'listed.row_density.values',
  'listed.column_density.values',
];

/** Those of an entry of `overlaps`. */
export const OVERLAP_DETAILS = [
  'consensus_map',
  'row_consensus.values',
  'column_consensus.values',
  'steps[].row_density',
  'steps[].column_density',
];

/**
 * Takes away what stands at a path. The field becomes undefined, which JSON leaves out: deleting it
 * would make the object slow.
 * @param {any} object
 * @param {string[]} way
 */
function takeAway(object, [step, ...rest]) {
  if (typeof object !== 'object' || object === null) return;
  const list = step.endsWith('[]');
  const name = list ? step.slice(0, -2) : step;
  if (!rest.length) {
    if (name in object) object[name] = undefined;
  } else if (list) object[name]?.forEach((/** @type {unknown} */ entry) => takeAway(entry, rest));
  else takeAway(object[name], rest);
}

/** @param {string[]} paths */
const waysOf = (paths) => paths.map((path) => path.split('.'));
const TENSOR_WAYS = waysOf(TENSOR_DETAILS);
const OVERLAP_WAYS = waysOf(OVERLAP_DETAILS);

/**
 * A tensor without its details, made in place.
 * @param {Detailed} tensor
 * @returns {Tensor}
 */
export function lightenTensor(tensor) {
  for (const way of TENSOR_WAYS) takeAway(tensor, way);
  return tensor;
}

/**
 * An entry of `overlaps` without its details, made in place. That of the model has none.
 * @param {Overlap} entry
 * @returns {OverlapSummary}
 */
export function lightenOverlap(entry) {
  for (const way of OVERLAP_WAYS) takeAway(entry, way);
  return entry;
}
