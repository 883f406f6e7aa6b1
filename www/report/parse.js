// A report of any version that this page knows, in its own.
import { checkForm } from './check.js';
import { liftFrom1 } from './versions.js';

/** @import { WholeReport } from './model.js' */

/**
 * A report in this version of the format, with all its details, in place; throws a sentence where
 * it is none.
 * @param {any} report
 * @returns {WholeReport}
 */
export function checkReport(report) {
  checkForm(report);
  if (report.version === 1) liftFrom1(report);
  return report;
}
