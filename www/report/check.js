// A file is shown only if it is a report that this page understands.

/** @import { Report } from './model.js' */

/** The version that this page speaks; versions.js makes it of an older one. */
export const VERSION = 2;

/**
 * What a text is as JSON; throws a sentence where it is none.
 * @param {string} text
 * @returns {any}
 */
export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('This file is not JSON.');
  }
}

/**
 * The same value; throws a sentence where it is no report of a version that this page knows.
 * @template {any} T
 * @param {T} value
 * @returns {T}
 */
export function checkForm(value) {
  const report = /** @type {any} */ (value);
  if (report?.format !== 'gatescope-report')
    throw new Error('This JSON file is not a Gatescope report.');
  if (report.version !== 1 && report.version !== VERSION)
    throw new Error(
      `This report has version ${report.version} of the format; this page shows versions 1 and ` +
        `${VERSION}. Open it with the version of Gatescope that wrote it` +
        `${report.generator ? ` (${report.generator})` : ''}.`,
    );
  if (!isWhole(report)) throw new Error('This report is incomplete.');
  return value;
}

/** @param {Report} report Not yet checked. */
const isWhole = ({ runs, settings, base, backend, overlaps }) =>
  Array.isArray(runs) &&
  runs.every((run) => Array.isArray(run.tensors) && run.model && run.checkpoint) &&
  settings &&
  (base || base === null) &&
  backend &&
  (overlaps === undefined || overlaps === null || Array.isArray(overlaps));
