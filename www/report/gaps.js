// Why a reading has no ratio, or what it leaves out. It stands apart from what computes readings: a
// first view does without.
import { ROUNDING_ALONE } from './cast.js';
import { describeDirections } from './directions-words.js';
import { count, counted } from './format.js';
import { offerNotes } from './ratios.js';

/** @import { Tensor } from './model.js' */
/** @import { Sorted } from './ratios.js' */
/** @import { Values } from './row-values.js' */

/**
 * What k leaves out of some matrices: several rows are of the same.
 * @type {WeakMap<Tensor[], string | null>}
 */
const told = new WeakMap();

/** @param {Tensor[]} matrices */
function describeCovered(matrices) {
  const known = told.get(matrices);
  if (known !== undefined) return known;
  const text = describeDirections(matrices);
  told.set(matrices, text);
  return text;
}

/**
 * Why those matrices that are more than rounded, and of which k leaves directions, have no ratio,
 * or some of them no value.
 * @param {Sorted} sorted
 * @param {Values} found
 */
function describeMissing({ matrices, covered }, { value, baseline, matrices: used }) {
  if (covered.length === matrices.length) return null;
  if (value === null || baseline === null) {
    if (!used) return 'no matrix has both the value and its random baseline';
    return value === null ? 'no weight of a matrix changed' : 'its random baseline is not known';
  }
  if (baseline === 0) return 'a random update would give 0';
  const rest = matrices.length - covered.length - used;
  return rest > 0 ? `${count(rest)} without a value` : null;
}

/**
 * Why there is no ratio, or what it leaves out; null where there is nothing to say.
 * @param {Sorted} sorted
 * @param {Values} found
 */
function describeGaps(sorted, found) {
  const { matrices, covered, casts } = sorted;
  if (!matrices.length) return casts ? ROUNDING_ALONE : 'no matrix';
  const rounded =
    casts > 0 && `${counted(casts, 'matrix', 'matrices')} left out: ${ROUNDING_ALONE}`;
  const gap = covered.length ? describeCovered(matrices) : null;
  return [rounded, gap, describeMissing(sorted, found)].filter(Boolean).join('; ') || null;
}

offerNotes(describeGaps);
