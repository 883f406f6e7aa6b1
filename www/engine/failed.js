// What the report says of a tensor whose worker could not finish it, in the form of a worker's own
// answer. The types of the report hold the list of fields to its schema.

/** @import { TensorReport } from '../report/report.js' */
/** @import { Results, Task, TaskAnswer } from './analyser.js' */

/**
 * @param {Task & { dtype_base?: string, dtype_tuned?: string }} task
 * @param {string} why
 * @returns {TaskAnswer}
 */
export function answerFailure(task, why) {
  const { name, layer, module, shape, transposed, dtype, parameters, runs } = task;
  const { dtype_base = dtype, dtype_tuned = dtype } = task;
  /** @type {Required<TensorReport>} */
  const report = {
    name,
    layer,
    module,
    shape,
    transposed,
    dtype,
    dtype_base,
    dtype_tuned,
    parameters,
    status: 'failed',
    error: `${name}: ${why}`,
    precision: null,
    update: null,
    geometry: null,
    geometry_note: null,
    figures_note: null,
    masks: [],
    fisher: null,
    fisher_note: null,
    function_preserving: null,
    adapter: null,
    maps: null,
    heads: null,
    quantized: null,
    listed: null,
    seconds: 0,
  };
  /** @type {Results} */
  const results = { tensors: runs.map((run) => [run, report]), overlaps: [] };
  return { results: JSON.stringify(results), stages: {}, failed: true };
}
