// A report comes into view: the same for one that was computed, opened from a file, or written into
// the document.
import { linkFisher } from '../report/fisher.js';
import { linkListed } from '../report/listed.js';
import { availableMetrics, findMetric } from '../report/metrics.js';
import { settleNoise } from '../report/noise.js';
import { linkOverlaps } from '../report/overlaps.js';
import { store } from './state.js';

/** @import { Report } from '../report/model.js' */
/** @import { State } from './state.js' */

/**
 * Links what belongs together in a report, and shows it from its beginning.
 * @param {Report} given As `parseReport` returns it.
 * @param {Partial<Pick<State, 'kept' | 'reportText'>>} [options]
 */
export function openResult(given, { kept = null, reportText = null } = {}) {
  const report = linkListed(linkFisher(linkOverlaps(settleNoise(given))));
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
    reportText,
    report,
  });
}
