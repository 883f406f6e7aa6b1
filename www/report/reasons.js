// Why a tensor was not compared, in the words of a list, and where that is an error.

/** @import { LeftOutReason } from './model.js' */

/** @type {Record<LeftOutReason, string>} */
export const REASONS = {
  only_in_base: 'only in the base',
  only_in_tuned: 'only in the tuned checkpoint',
  shape_differs: 'shape differs',
  unsupported_dtype: 'dtype not supported',
  bad_scale: 'scale not usable',
  bad_delta: 'delta not usable',
  missing_shard: 'shard missing',
  bad_file: 'file not readable',
  duplicate: 'duplicate',
  layer_not_selected: 'outside the selected layers',
  empty: 'empty',
  failed: 'failed',
  not_adapted: 'not adapted',
  bad_adapter: 'adapter not usable',
  buffer: 'buffer, no weight',
  quantization_parameter: 'scale or zero point, no weight',
  not_used: 'not used',
  rows_differ: 'rows of one side only',
};

/**
 * Reasons for which something went wrong: the tensor or the file would be compared if it were whole
 * and of a kind that is read. crate/src/checkpoint/summary.rs has the same.
 * @type {Set<LeftOutReason>}
 */
export const ERRORS = new Set([
  'unsupported_dtype',
  'bad_scale',
  'bad_delta',
  'missing_shard',
  'bad_file',
  'failed',
  'bad_adapter',
]);
