// A report comes into view: the same for one that was computed, opened from a file, or written into
// the document.
import { availableMetrics, findMetric } from '../report/metrics.js';
import { store } from './state.js';

/** @import { Report } from '../report/model.js' */
/** @import { State } from './state.js' */

/**
 * Shows a report from its beginning.
 * @param {Report} report As `openReportBlob` or `readWholeReport` gives it.
 * @param {Partial<Pick<State, 'kept'>>} [options]
 */
export function openResult(report, { kept = null } = {}) {
  const metrics = availableMetrics(report);
  // The metric stays where the new report has it too.
  const stays = metrics.includes(findMetric(store.state.metric));
  store.set({
    phase: 'done',
    problem: null,
    metric: stays || !metrics.length ? store.state.metric : metrics[0].id,
    runs: report.runs.map((_, place) => place),
    run: 0,
    alpha: 0,
    arrangement: 'one',
    against: undefined,
    part: 'matrices',
    filter: '',
    tab: 'tensors',
    tensor: null,
    kept,
    report,
  });
}
