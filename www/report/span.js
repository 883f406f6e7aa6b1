// What a tuned checkpoint is to its base, as far as the user tells: it decides what a value may be
// read against.
import { hasBase } from './listed.js';
import { reportedText } from './reported.js';

/** @import { Report, Run, Settings } from './model.js' */

/** @typedef {string | null | undefined} Span */

export const STEPS = 'steps';

/**
 * In the words of a line of conditions.
 * @type {Record<string, string>}
 */
export const SPANS = {
  whole_run: 'whole run',
  per_step: 'one step of a run',
  [STEPS]: 'steps of one run, in order',
};

/** @typedef {{ runs: Pick<Run, 'span'>[], settings?: Pick<Settings, 'span'> }} WithSpans */

/**
 * The span of one run of a report: what its own files tell, else what the user set. Null where
 * nobody said.
 * @param {WithSpans} report
 * @param {number} run
 * @returns {string | null}
 */
export const spanOf = ({ runs, settings }, run) => runs[run]?.span ?? settings?.span ?? null;

/**
 * Whether the runs of a report are compared step by step, which takes the base that goes before the
 * first.
 * @param {{ base?: unknown, settings: Pick<Settings, 'span'> }} report
 */
export const areSteps = (report) => report.settings.span === STEPS && hasBase(report);

/**
 * What was reported elsewhere is of whole runs; what one step changed is another quantity.
 * @param {Span} [span]
 */
export const ofWholeRuns = (span) => span !== 'per_step' && span !== STEPS;

/**
 * Whether that holds for all runs of a report.
 * @param {WithSpans} report
 */
export const allWholeRuns = (report) =>
  report.runs.every((_, run) => ofWholeRuns(spanOf(report, run)));

/** @typedef {Partial<typeof reportedText>} ReportedText */

/**
 * What was reported elsewhere as halves of sentences; nothing where it is no context.
 * @param {Span} [span]
 * @returns {ReportedText}
 */
export const reportedFor = (span) => (ofWholeRuns(span) ? reportedText : {});

/**
 * A sentence with what was reported, or nothing without it.
 * @param {string | undefined} text
 * @param {(text: string) => string} sentence
 */
export const ifReported = (text, sentence) => (text ? sentence(text) : '');
