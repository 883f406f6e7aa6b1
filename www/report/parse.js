// A file is shown only if it is a report that this page understands.

/** @import { Report } from './model.js' */

const VERSION = 1;

/**
 * The report of a text; throws a sentence where the text is not one.
 * @param {string} text
 * @returns {Report}
 */
export function parseReport(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    throw new Error('This file is not JSON.');
  }
  if (report?.format !== 'gatescope-report')
    throw new Error('This JSON file is not a Gatescope report.');
  if (report.version !== VERSION)
    throw new Error(
      `This report has version ${report.version}; this page shows version ${VERSION}.`,
    );
  if (!isWhole(report)) throw new Error('This report is incomplete.');
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
