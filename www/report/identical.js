// Checkpoints that are the same bit by bit.

/** @import { Run } from './model.js' */

/** @param {Pick<Run, 'model'>} run */
export const isIdentical = ({ model }) =>
  model.parameters > 0 && model.bit_equal === model.parameters;
