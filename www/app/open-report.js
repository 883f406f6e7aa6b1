// A report comes into view: the same for one that was computed, opened from a file, or written into
// the document.
import { availableMetrics, findMetric } from '../report/metrics.js';
import { REPORTED } from '../report/reported.js';
import { store } from './state.js';

/** @import { Report } from '../report/model.js' */
/** @import { State } from './state.js' */

/**
 * Shows a report from its beginning.
 * @param {Report} report As `openReportBlob` or `readWholeReport` gives it.
 * @param {Partial<Pick<State, 'kept' | 'sampleShown' | 'resumable'>>} [options]
 */
export function openResult(report, { kept = null, sampleShown = null, resumable = false } = {}) {
  const metrics = availableMetrics(report);
  // The metric stays where the new report has it too.
  const stays = metrics.includes(findMetric(store.state.metric));
  store.set({
    phase: 'done',
    problem: null,
    metric: stays || !metrics.length ? store.state.metric : metrics[0].id,
    runs: report.runs.map((_, place) => place),
    run: 0,
    // What others reported on masks is at one α: that is shown first where the report has it.
    alpha: Math.max(0, report.settings.alphas.indexOf(REPORTED.low_overlap.alpha)),
    arrangement: 'one',
    against: undefined,
    part: 'matrices',
    filter: '',
    tab: 'tensors',
    tensor: null,
    kept,
    sampleShown,
    resumable,
    notes: [],
    live: null,
    report,
  });
}
