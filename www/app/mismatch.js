// Checkpoints that have no tensor in common, told by an example of each.

/** @import { FoundRun } from './state.js' */
/** @import { LeftOutReason } from '../report/model.js' */

/**
 * Why a run has nothing to compare; null where it has something.
 * @param {FoundRun} run
 * @param {boolean} based
 * @returns {string | null}
 */
export function explainMismatch({ checkpoint, compared, left_out: leftOut }, based) {
  if (compared > 0 || !based) return null;
  /** @param {LeftOutReason} reason */
  const example = (reason) => leftOut.find((one) => one.reason === reason)?.name;
  const [inBase, inTuned] = [example('only_in_base'), example('only_in_tuned')];
  if (inBase && inTuned)
    return (
      `No tensor of ${checkpoint.name} matches the base. The base has ${inBase}, ` +
      `${checkpoint.name} has ${inTuned}.`
    );
  const [first] = leftOut;
  return (
    `No tensor of ${checkpoint.name} can be compared with the base` +
    `${first ? `: ${first.name}: ${first.detail}` : ''}.`
  );
}
