// A file is shown only if it is a report that this page understands.
import { VERSION, liftFrom1 } from './versions.js';

/** @import { Report, WholeReport } from './model.js' */

/**
 * The report of a text, in this version of the format, with all its details; throws a sentence
 * where the text is not a report.
 * @param {string} text
 * @returns {WholeReport}
 */
export function parseReport(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    throw new Error('This file is not JSON.');
  }
  return checkReport(report);
}

/**
 * The same report in this version of the format, in place; throws a sentence where it is none.
 * @param {any} report
 * @returns {WholeReport}
 */
export function checkReport(report) {
  if (report?.format !== 'gatescope-report')
    throw new Error('This JSON file is not a Gatescope report.');
  if (report.version !== 1 && report.version !== VERSION)
    throw new Error(
      `This report has version ${report.version} of the format; this page shows versions 1 and ` +
        `${VERSION}. Open it with the version of Gatescope that wrote it` +
        `${report.generator ? ` (${report.generator})` : ''}.`,
    );
  if (!isWhole(report)) throw new Error('This report is incomplete.');
  if (report.version === 1) liftFrom1(report);
  return report;
}

/** @param {Report} report Not yet checked. */
const isWhole = ({ runs, settings, base, backend, overlaps }) =>
  Array.isArray(runs) &&
  runs.every((run) => Array.isArray(run.tensors) && run.model && run.checkpoint) &&
  settings &&
  (base || base === null) &&
  backend &&
  (overlaps === undefined || overlaps === null || Array.isArray(overlaps));
