// What the cards of a run share.
import { countExact } from '../../report/exactness.js';
import { isWholeCast } from '../../report/cast.js';
import { describeQuantized } from '../../report/cast-words.js';
import { describeRows } from '../../report/compared.js';
import { describePart } from '../../report/extent.js';
import { number } from '../../report/format.js';
import { findComparison } from '../../report/comparison.js';
import { reportedFor } from '../../report/reported-for.js';

/** @import { Report } from '../../report/model.js' */

/** @typedef {ReturnType<typeof describeTerms>} Terms */

/**
 * Settings, dtype, how the spectra were computed, whether it is a part of the model, and what was
 * reported elsewhere as far as it is context: values of whole models are none for a part of one.
 * @param {Report} report
 * @param {number} run
 */
export function describeTerms(report, run) {
  const { k, eta, abs_tolerance: tolerance } = report.settings;
  const { tensors } = report.runs[run];
  const { matrices, exact } = countExact([report.runs[run]]);
  const part = describePart(report, report.runs[run]);
  const cast = isWholeCast(report.runs[run]);
  const isRounded = cast || describeQuantized(report.runs[run]) !== null;
  const reported = isRounded ? {} : reportedFor(findComparison(report, run));
  return {
    dtype: [...new Set(tensors.map(({ dtype }) => dtype).filter(Boolean))].join(', '),
    method:
      exact === matrices
        ? 'exact'
        : exact === 0
          ? 'estimated'
          : `exact for ${exact} of ${matrices}`,
    part,
    whole:
      describeRows(report.runs[run]) === null
        ? 'whole model'
        : 'whole model, in rows of both sides',
    reported: part === null ? reported : { rotation: reported.rotation },
    tolerance: number(tolerance),
    k: `k = ${k}`,
    eta: `η = ${eta}`,
  };
}
