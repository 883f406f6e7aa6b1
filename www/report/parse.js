// The report of a text, in this version of the format.
import { checkForm, parseJson } from './check.js';
import { liftFrom1 } from './versions.js';

/** @import { WholeReport } from './model.js' */

/**
 * The report of a text, in this version of the format, with all its details; throws a sentence
 * where the text is not a report.
 * @param {string} text
 * @returns {WholeReport}
 */
export const parseReport = (text) => checkReport(parseJson(text));

/**
 * The same report in this version of the format, in place; throws a sentence where it is none.
 * @param {any} report
 * @returns {WholeReport}
 */
export function checkReport(report) {
  checkForm(report);
  if (report.version === 1) liftFrom1(report);
  return report;
}
