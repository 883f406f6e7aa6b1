// What the cards of a run share.
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
  const geometries = tensors.flatMap(({ geometry }) => geometry ?? []);
  const exact = geometries.filter((geometry) => geometry.exact).length;
  const part = describePart(report, report.runs[run]);
  const reported = reportedFor(findComparison(report, run));
  return {
    dtype: [...new Set(tensors.map(({ dtype }) => dtype).filter(Boolean))].join(', '),
    method:
      exact === geometries.length
        ? 'exact'
        : exact === 0
          ? 'estimated'
          : `exact for ${exact} of ${geometries.length}`,
    part,
    /** True where ranges that were reported of whole runs apply. */
    ofWholeRuns: Boolean(reported.sparsity),
    reported: part === null ? reported : { rotation: reported.rotation },
    tolerance: number(tolerance),
    k: `k = ${k}`,
    eta: `η = ${eta}`,
  };
}
