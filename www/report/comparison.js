// The kind of comparison between the base and a tuned checkpoint: it decides what a value may be
// read against.
import { hasBase } from './listed.js';

/** @import { Comparison, Report, Run, Settings } from './model.js' */

/**
 * Each comparison in the words of a line of conditions.
 * @type {Record<Comparison, string>}
 */
export const COMPARISONS = {
  whole_run: 'whole run',
  per_step: 'one step of a run',
  steps: 'steps of one run, in order',
};

/**
 * @typedef {object} WithComparisons
 * @property {Pick<Run, 'comparison'>[]} runs
 * @property {Pick<Settings, 'comparison'>} [settings]
 */

/**
 * The comparison of one run of a report: what its own files tell, else what the user set. Null
 * where nobody said.
 * @param {WithComparisons} report
 * @param {number} run
 * @returns {Comparison | null}
 */
export const findComparison = ({ runs, settings }, run) =>
  runs[run]?.comparison ?? settings?.comparison ?? null;

/**
 * Whether the runs of a report are compared step by step, which takes the base that goes before the
 * first.
 * @param {{ base?: unknown, settings: Pick<Settings, 'comparison'> }} report
 */
export const areSteps = (report) => report.settings.comparison === 'steps' && hasBase(report);

/**
 * Whether figures that were reported elsewhere, which are of whole runs, are context for this
 * comparison. What one step changed is another quantity.
 * @param {Comparison | null} [comparison]
 */
export const ofWholeRuns = (comparison) => comparison !== 'per_step' && comparison !== 'steps';

/**
 * Whether that holds for all runs of a report.
 * @param {WithComparisons} report
 */
export const allWholeRuns = (report) =>
  report.runs.every((_, run) => ofWholeRuns(findComparison(report, run)));
