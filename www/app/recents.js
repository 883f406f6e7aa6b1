// Reports that the browser keeps, as the page lists them.
import { countKeptRuns, forgetAll } from '../engine/kept.js';
import { clearReports, deleteReport, listReports, saveReport } from '../engine/recent.js';
import { store } from './state.js';

/** @import { Report } from '../report/model.js' */

/**
 * Keeps a finished report in the browser; nothing waits for it.
 * @param {Report} report
 * @param {string} text
 */
export async function keepReport({ base, runs, settings }, text) {
  const summary = {
    base: base?.name ?? '',
    runs: runs.map(({ checkpoint }) => checkpoint.name),
    k: settings.k,
    tensors: Math.max(0, ...runs.map(({ tensors }) => tensors.length)),
  };
  await saveReport(summary, text);
  await refreshRecent();
}

/** Looks up what the browser keeps. */
export async function refreshRecent() {
  const [recent, keptRuns] = await Promise.all([listReports(), countKeptRuns()]);
  store.set({ recent, keptRuns });
}

/** @param {number} id */
export async function forgetRecent(id) {
  await deleteReport(id);
  await refreshRecent();
}

/** Forgets all reports, and the finished tensors of all runs. */
export async function forgetEverything() {
  await Promise.all([clearReports(), forgetAll()]);
  await refreshRecent();
}
