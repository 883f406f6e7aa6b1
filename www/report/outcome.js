// How a finished run went, in lines for a terminal. The native program writes the same.
import { describeCompared } from './compared.js';
import { count, counted } from './format.js';
import { ERRORS, REASONS } from './reasons.js';

/** @import { CastSummary, Coverage, LeftOut, Run } from './model.js' */

/**
 * What a terminal is told of a run.
 * @typedef {object} Outcome
 * @property {string} name
 * @property {number} tensors How many were compared, or read.
 * @property {Coverage | null} [coverage]
 * @property {CastSummary | null} [cast]
 * @property {LeftOut[]} left_out
 */

/**
 * How a run of a report went.
 * @param {Run} run
 * @returns {Outcome}
 */
export const findOutcome = (run) => ({
  name: run.checkpoint.name,
  tensors: run.tensors.filter(({ status }) => status === 'done').length,
  coverage: run.coverage,
  cast: run.cast,
  left_out: run.left_out,
});

/**
 * How much of both checkpoints a run compared: the line that goes before any figure.
 * @param {Outcome} outcome
 */
export function describeExtent({ name, tensors, coverage, cast }) {
  if (!coverage) return `${name}: ${counted(tensors, 'tensor')} read`;
  const all = `all ${count(Math.max(coverage.base, coverage.tuned))} weights`;
  const share = describeCompared(coverage) ?? all;
  const rounded = cast?.whole
    ? `. Nothing differs but by rounding: ${name} is stored as ${cast.to}, the base as ${cast.from}`
    : '';
  return `${name}: ${counted(tensors, 'tensor')} compared, ${share}${rounded}`;
}

/**
 * What a run left out because of errors, by reason with an example of each; null where nothing went
 * wrong.
 * @param {Outcome} outcome
 */
export function describeErrors({ name, left_out: leftOut }) {
  const wrong = leftOut.filter(({ reason }) => ERRORS.has(reason));
  if (!wrong.length) return null;
  const each = [...new Set(wrong.map(({ reason }) => reason))].map((reason) => {
    const all = wrong.filter((one) => one.reason === reason);
    const [first] = all;
    const detail = first.detail.startsWith(`${first.name}: `)
      ? first.detail.slice(first.name.length + 2)
      : first.detail;
    return `${all.length} ${REASONS[reason]} (as ${first.name}: ${detail})`;
  });
  return `${name}: ${wrong.length} left out because of errors: ${each.join('; ')}`;
}
