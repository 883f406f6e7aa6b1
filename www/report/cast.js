// Runs and tensors whose update is nothing but the rounding between two dtypes.

/** @import { Report, Run, Tensor } from './model.js' */

/** What stands in place of a ratio to a random update. */
export const ROUNDING_ALONE = 'the update is the rounding between two dtypes alone';

/**
 * Whether every weight of a tensor is only rounded, and some are.
 * @param {Partial<Pick<Tensor, 'cast' | 'parameters' | 'precision'>>} tensor
 */
export const isCast = ({ cast, parameters, precision }) =>
  Boolean(
    cast &&
    precision &&
    parameters &&
    precision.bit_equal < parameters &&
    (cast.rounded === parameters || cast.rounded_back === parameters),
  );

/**
 * Whether a run changes nothing but the dtype.
 * @param {Pick<Run, 'cast'>} run
 */
export const isWholeCast = ({ cast }) => Boolean(cast?.whole);

/**
 * Whether a run of a report reads as a cast: no metric of it is one of training.
 * @param {Pick<Report, 'runs'>} report
 * @param {number} place
 */
export const readsAsCast = ({ runs }, place) => Boolean(runs[place] && isWholeCast(runs[place]));
