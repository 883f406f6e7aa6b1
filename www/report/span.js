// What a tuned checkpoint is to its base, as far as the user tells: it decides what a figure may be
// read against. Pure.
import { hasBase } from './listed.js';
import { reportedText } from './reported.js';

export const STEPS = 'steps';

/** In the words of a line of conditions. */
export const SPANS = {
  whole_run: 'whole run',
  per_step: 'one step of a run',
  [STEPS]: 'steps of one run, in order',
};

/**
 * Of one run of a report: what its own files tell, else what the user set. Null where nobody said.
 */
export const spanOf = ({ runs, settings }, run) => runs[run]?.span ?? settings?.span ?? null;

/**
 * Whether the runs of a report are compared step by step, which takes the base that goes before the
 * first.
 */
export const areSteps = (report) => report.settings.span === STEPS && hasBase(report);

/**
 * Figures that were reported elsewhere are of whole runs; what one step changed is another
 * quantity.
 */
export const ofWholeRuns = (span) => span !== 'per_step' && span !== STEPS;

/** Whether that holds for all runs of a report. */
export const allWholeRuns = (report) =>
  report.runs.every((_, run) => ofWholeRuns(spanOf(report, run)));

/** The reported figures as halves of sentences; none of them where they are no context. */
export const reportedFor = (span) => (ofWholeRuns(span) ? reportedText : {});

/** A sentence with a reported figure, or nothing without one. */
export const saying = (text, sentence) => (text ? sentence(text) : '');
