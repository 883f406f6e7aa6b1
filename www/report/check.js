// A dropped file is shown only if it is a report that this page understands.

const VERSION = 1;

export function checkReport(text) {
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
  const whole =
    Array.isArray(report.runs) &&
    report.runs.every((run) => Array.isArray(run.tensors) && run.model && run.checkpoint) &&
    report.settings &&
    (report.base || report.base === null) &&
    report.backend &&
    (report.overlaps == null || Array.isArray(report.overlaps));
  if (!whole) throw new Error('This report is incomplete.');
  return report;
}
