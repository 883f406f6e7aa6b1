// How much of its model a run's values are of: a part must not pass for the whole.
import { describeCompared } from './compared.js';
import { counted } from './format.js';
import { ERRORS } from './reasons.js';

/** @import { LeftOut, LeftOutReason, Report, Run } from './model.js' */

/**
 * Reasons for which the model that was compared is whole all the same: no weight of either side is
 * missing. What an adapter leaves as it is, and rows of one side only, have words of their own.
 * @type {Set<LeftOutReason>}
 */
const HARMLESS = new Set([
  'duplicate',
  'empty',
  'not_adapted',
  'buffer',
  'quantization_parameter',
  'not_used',
  'rows_differ',
]);

/** Reasons that are told in another way. @type {Set<LeftOutReason>} */
const OF_ITS_OWN = new Set(['layer_not_selected', 'failed']);

/** @param {Pick<Run, 'left_out'>} run */
const hasRows = ({ left_out: leftOut }) =>
  (leftOut ?? []).some(({ reason }) => reason === 'rows_differ');

/**
 * How many of those left out are so because of errors, in brackets; empty where nothing went wrong.
 * @param {LeftOut[]} missing
 */
function describeErrors(missing) {
  const wrong = missing.filter(({ reason }) => ERRORS.has(reason)).length;
  return wrong ? ` (${wrong} because of errors)` : '';
}

/**
 * How many of so many tensors failed: each panel asks, of long lists.
 * @type {WeakMap<Run['tensors'], { count: number, failed: number }>}
 */
const failures = new WeakMap();

/** @param {Run['tensors']} tensors */
function countFailed(tensors) {
  const known = failures.get(tensors);
  if (known?.count === tensors.length) return known.failed;
  const failed = tensors.filter(({ status }) => status === 'failed').length;
  failures.set(tensors, { count: tensors.length, failed });
  return failed;
}

/**
 * Why a run's values are of a part of its model; empty where they are of all of it, or nobody knows
 * why.
 * @param {Pick<Report, 'partial' | 'settings'>} report
 * @param {Pick<Run, 'left_out' | 'tensors'>} run
 */
function listReasons({ partial, settings }, { left_out: leftOut, tensors }) {
  const missing = (leftOut ?? []).filter(
    ({ reason }) => !HARMLESS.has(reason) && !OF_ITS_OWN.has(reason),
  );
  const failed = countFailed(tensors);
  return [
    settings?.layers && `${/^\d+$/.test(settings.layers) ? 'layer' : 'layers'} ${settings.layers}`,
    partial && `${partial.finished} of ${partial.total} tensors`,
    failed > 0 && `without ${counted(failed, 'tensor')} that failed`,
    missing.length > 0 && `without ${missing.length} left out${describeErrors(missing)}`,
  ].filter((reason) => typeof reason === 'string');
}

/**
 * What part of its model a run's values are of, as the share of the weights and as the reasons;
 * null where they are of all of it.
 * @param {Pick<Report, 'partial' | 'settings'>} report
 * @param {Pick<Run, 'left_out' | 'tensors' | 'coverage'>} run
 */
export function findPart(report, run) {
  const reasons = listReasons(report, run);
  const share = describeCompared(run.coverage);
  // Weights in rows of one side only do not make a part of a model.
  if (!reasons.length && (share === null || hasRows(run))) return null;
  return { share, reasons };
}

/**
 * The same in the words of a line: the share before all else.
 * @param {Pick<Report, 'partial' | 'settings'>} report
 * @param {Pick<Run, 'left_out' | 'tensors' | 'coverage'>} run
 */
export function describePart(report, run) {
  const part = findPart(report, run);
  if (!part) return null;
  return `part of the model: ${[part.share, ...part.reasons].filter(Boolean).join(', ')}`;
}

/**
 * The same of all runs of a report together: that of the first run that is a part.
 * @param {Report} report
 */
export const describePartOfRuns = (report) =>
  report.runs.map((run) => describePart(report, run)).find((part) => part !== null) ?? null;
