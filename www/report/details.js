// All that a report says of one tensor.

/** @import { Report, Tensor } from './model.js' */

/**
 * The tensor of this name of a run; null where the run does not have it. It may have to be fetched,
 * so that it comes later, or not at all.
 * @param {Report} report
 * @param {number} run
 * @param {string} name
 * @returns {Promise<Tensor | null>}
 */
export const loadTensor = async (report, run, name) =>
  report.runs[run]?.tensors.find((tensor) => tensor.name === name) ?? null;
