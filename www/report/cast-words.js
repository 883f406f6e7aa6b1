// What of a run's update is rounding, in sentences.
import { counted } from './format.js';
import { sum } from './means.js';
import { roundShare } from './rounding.js';

/** @import { Run } from './model.js' */

/**
 * The size of the rounding over the norm of the same weights; null where no tensor is stored in
 * another dtype than the base, or nothing is rounded.
 * @param {Pick<Run, 'tensors'>} run
 */
function measureRounding({ tensors }) {
  const stored = tensors.filter(({ cast }) => cast);
  const rounding = Math.sqrt(sum(stored.map(({ cast }) => (cast?.rounding ?? 0) ** 2)));
  const base = Math.sqrt(sum(stored.map(({ update }) => (update?.frobenius_base ?? 0) ** 2)));
  return rounding > 0 && base > 0 ? rounding / base : null;
}

/** @param {Pick<Run, 'model' | 'tensors'>} run */
const describeGate = ({ model }) =>
  model.unchanged === model.parameters ? ': no weight changed in bf16' : '';

/**
 * What a run that is a cast is, as sentences without its name; null where it is none.
 * @param {Run} run
 */
export function describeCast(run) {
  const { cast } = run;
  if (!cast?.whole) return null;
  const { from, to } = cast;
  if (cast.rounded === 'base')
    return (
      `differs from the base by less than ${from} can hold${describeGate(run)}. Rounded from ` +
      `${to} to ${from}, every weight is the base’s, as in two casts of one model.`
    );
  const size = measureRounding(run);
  return (
    `is a cast of the base from ${from} to ${to}${describeGate(run)}. Every weight is the ` +
    `base’s, rounded${size === null ? '' : `; the rounding is ${roundShare(size)} of ‖W‖`}.`
  );
}

/**
 * What of a run's update is rounding, where it is not all of it: a sentence each; none where base
 * and tuned are stored in one dtype.
 * @param {Run} run
 */
export function listRounding(run) {
  const { cast, tensors } = run;
  if (cast?.whole) return [];
  const size = measureRounding(run);
  const stored = tensors.find((tensor) => tensor.cast && tensor.cast.rounding > 0);
  const are = cast?.tensors === 1 ? 'is' : 'are';
  return [
    describeQuantized(run),
    stored &&
      size !== null &&
      `Stored as ${stored.dtype_tuned}, the base as ${stored.dtype_base}: rounding alone would ` +
        `move these weights by ${roundShare(size)} of their norm, and is part of Δ.`,
    cast &&
      `${counted(cast.tensors, 'tensor')} of ${tensors.length} ${are}` +
        ` only rounded between ${cast.from} and ${cast.to}, and not read against a random update.`,
  ].filter((text) => typeof text === 'string');
}

/** Dtypes without scales, which hold a weight each. */
const PLAIN = new Set(['BF16', 'F16', 'F32', 'F64', '']);

/**
 * What a quantisation of the tuned checkpoint alone adds to an update; null where there is none.
 * @param {Pick<Run, 'tensors'>} run
 */
export function describeQuantized({ tensors }) {
  const found = tensors.find(
    ({ adapter, dtype_base: from = '', dtype_tuned: to = '' }) =>
      !adapter && from !== '' && from !== to && !PLAIN.has(to),
  );
  return found
    ? `Δ holds the error of a quantisation, and may be nothing else: weights are stored as ` +
        `${found.dtype_tuned}, those of the base as ${found.dtype_base}.`
    : null;
}
