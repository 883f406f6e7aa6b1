// How many of the weights of base and tuned checkpoint were compared, in the words of a line.
import { counted, enumerate, parameters, percent } from './format.js';

/** @import { Coverage, LeftOut } from './model.js' */

/** What is not the whole does not round to it. */
const MOST = 1 - 1e-8;

/**
 * @param {number} compared
 * @param {number} all
 * @param {string} whose
 */
function describeShare(compared, all, whose) {
  const share = all > 0 ? Math.min(compared / all, MOST) : 0;
  return `${percent(share)} of ${whose} (${parameters(compared)} of ${parameters(all)})`;
}

/**
 * Numbers of weights that are compared, or that an adapter is known to leave as they are. Reports
 * of earlier versions do not tell those of the tuned checkpoint.
 * @param {Coverage} coverage
 */
function countKnown({ base, tuned, compared, compared_tuned: ofTuned, not_adapted: kept = 0 }) {
  return {
    base: Math.min(base, compared + kept),
    tuned: Math.min(tuned, (ofTuned ?? compared) + kept),
  };
}

/**
 * The share of the weights that is compared; null where it is all of them, and where it is not
 * known.
 * @param {Coverage | null | undefined} coverage
 */
export function describeCompared(coverage) {
  if (!coverage) return null;
  const known = countKnown(coverage);
  const lacksBase = known.base < coverage.base;
  const lacksTuned = known.tuned < coverage.tuned;
  if (!lacksBase && !lacksTuned) return null;
  const ofBase = lacksBase
    ? describeShare(known.base, coverage.base, 'the weights of the base')
    : 'all weights of the base';
  // Where both sides have the same numbers, one says it all.
  const alike = known.base === known.tuned && coverage.base === coverage.tuned;
  if (!lacksTuned || alike) return ofBase;
  const whose = lacksBase ? 'those of the tuned checkpoint' : 'the weights of the tuned checkpoint';
  return `${ofBase} and ${describeShare(known.tuned, coverage.tuned, whose)}`;
}

/** More tensors than these are counted, not named. */
const NAMED = 3;

/**
 * The tensors of which one side has more rows, as padding and added tokens are; null without any.
 * @param {{ left_out?: LeftOut[] }} run
 */
export function describeRows({ left_out: leftOut }) {
  const names = (leftOut ?? [])
    .filter(({ reason }) => reason === 'rows_differ')
    .map(({ name }) => name);
  if (!names.length) return null;
  const listed = names.length > NAMED ? counted(names.length, 'tensor') : enumerate(names);
  return `rows that only one side has, in ${listed}, are not compared`;
}
