// How much of its model a run's values are of: a part must not pass for the whole.
import { counted } from './format.js';

/** @import { LeftOutReason, Report, Run } from './model.js' */

/**
 * Reasons for which the model that was compared is whole all the same: nothing of the base is
 * missing. What an adapter leaves as it is has a wording of its own.
 * @type {Set<LeftOutReason>}
 */
const HARMLESS = new Set([
  'duplicate',
  'empty',
  'only_in_tuned',
  'not_adapted',
  'buffer',
  'quantization_parameter',
  'not_used',
]);

/**
 * Why a run's values are of a part of its model, in the words of a line; null where they are of all
 * of it.
 * @param {Pick<Report, 'partial' | 'settings'>} report
 * @param {Pick<Run, 'left_out' | 'tensors'>} run
 */
export function describePart({ partial, settings }, { left_out: leftOut, tensors }) {
  const missing = (leftOut ?? []).filter(
    ({ reason }) => !HARMLESS.has(reason) && reason !== 'layer_not_selected',
  ).length;
  const failed = tensors.filter(({ status }) => status === 'failed').length;
  const reasons = [
    settings?.layers && `${/^\d+$/.test(settings.layers) ? 'layer' : 'layers'} ${settings.layers}`,
    partial && `${partial.finished} of ${partial.total} tensors`,
    failed > 0 && `without ${counted(failed, 'tensor')} that failed`,
    missing > 0 && `without ${missing} left out`,
  ].filter(Boolean);
  return reasons.length ? `part of the model: ${reasons.join(', ')}` : null;
}

/**
 * The same of all runs of a report together: that of the first run that is a part.
 * @param {Report} report
 */
export const describePartOfRuns = (report) =>
  report.runs.map((run) => describePart(report, run)).find((part) => part !== null) ?? null;
