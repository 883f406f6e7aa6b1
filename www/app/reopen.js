// A reload opens the report again that the address is of, where the browser keeps it.
import { listReports } from '../engine/recent.js';
import { openRecent } from './actions.js';
import { SAMPLE, readKey } from './address.js';
import { store } from './state.js';
import { trySample } from './try-sample.js';

/** Whether nothing was done on the page yet. */
const isUntouched = () => {
  const { phase, problem, base, tuned } = store.state;
  return phase === 'start' && !problem && !base && !tuned.some(({ files }) => files);
};

/** Nothing waits for it; where the report is not kept any more, the page starts as ever. */
export async function reopenShown() {
  const key = readKey(location.hash);
  if (key === null) return;
  if (key === SAMPLE) {
    if (import.meta.env.SAMPLE_REPORT) await trySample();
    return;
  }
  const kept = (await listReports()).find((report) => report.key === key);
  if (kept && isUntouched()) await openRecent(kept.id);
}
