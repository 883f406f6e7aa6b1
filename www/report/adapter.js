// LoRA adapters in a report: which runs are one, and what of it a merge keeps.
import { sum } from './means.js';

/** @import { Adapter } from './report.js' */
/** @import { LeftOutReason, Report, Run, Tensor } from './model.js' */

/** @param {Pick<Run, 'tensors'>} run */
const adaptedTensors = ({ tensors }) =>
  tensors.flatMap(({ adapter, update }) =>
    adapter ? [{ adapter, square: (update?.frobenius_update ?? 0) ** 2 }] : [],
  );

/** @param {Pick<Run, 'tensors'>} run */
export const isAdapter = ({ tensors }) => tensors.some(({ adapter }) => adapter);

/** @param {number[]} values */
const distinct = (values) => [...new Set(values)].sort((a, b) => a - b);

/**
 * A whole run: `survives` over the weights that the adapter touches, `realized` and `mergeError`
 * over ‖Δ‖² of all its tensors. Null for a run that is not an adapter; what has no weight is null
 * in it.
 * @param {Pick<Run, 'tensors'>} run
 */
export function summarizeAdapter(run) {
  const adapted = adaptedTensors(run);
  if (!adapted.length) return null;
  const touched = sum(adapted.map(({ adapter }) => adapter.touched));
  const changed = sum(adapted.map(({ adapter }) => adapter.touched * (adapter.survives ?? 0)));
  const total = sum(adapted.map(({ square }) => square));
  /** @param {(adapter: Adapter) => number} value */
  const weightedByUpdate = (value) =>
    total > 0 ? sum(adapted.map(({ adapter, square }) => square * value(adapter))) / total : null;
  const squaredError = weightedByUpdate(({ merge_error: error }) => (error ?? 0) ** 2);
  return {
    tensors: adapted.length,
    ranks: distinct(adapted.map(({ adapter }) => adapter.rank)),
    scales: distinct(adapted.map(({ adapter }) => adapter.scale)),
    touched,
    changed: Math.round(changed),
    survives: touched ? changed / touched : null,
    realized: weightedByUpdate(({ realized }) => realized ?? 0),
    mergeError: squaredError === null ? null : Math.sqrt(squaredError),
  };
}

/** Reasons for which no weight of the base is missing. @type {Set<LeftOutReason>} */
const KNOWN = new Set(['not_adapted', 'buffer', 'quantization_parameter', 'not_used']);

/**
 * Share of the whole model that a merge leaves unchanged in bf16: what the adapter does not touch
 * counts as unchanged. Null where some of the model was not compared for another reason.
 * @param {Pick<Run, 'model' | 'left_out'> & Partial<Pick<Run, 'coverage'>> &
 * { tensors?: Pick<Tensor, 'status'>[] }} run
 * @param {Pick<Report, 'base' | 'partial'>} report
 */
export function unchangedAfterMerge(
  { model, left_out: out, coverage, tensors = [] },
  { base, partial },
) {
  const whole =
    !partial &&
    (out ?? []).every(({ reason }) => KNOWN.has(reason)) &&
    tensors.every(({ status }) => status !== 'failed');
  const weights = coverage?.base ?? base?.parameters;
  return whole && weights ? 1 - (model.parameters - model.unchanged) / weights : null;
}
