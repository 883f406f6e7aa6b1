// Reports that the browser keeps, as the page lists them.
import { countKeptRuns, forgetAll } from '../engine/kept.js';
import { clearReports, deleteReport, listReports, saveReport } from '../engine/recent.js';
import { reportBlob } from '../report/details.js';
import { keyOf } from '../report/report-key.js';
import { store } from './state.js';

/** @import { Report } from '../report/model.js' */

/**
 * Keeps a finished report in the browser; nothing waits for it. The same report is kept once.
 * @param {Report} report
 * @param {string | Blob} text
 */
export async function keepReport(report, text) {
  const { base, runs, settings } = report;
  const key = keyOf(report);
  const before = (await listReports()).filter((kept) => kept.key === key);
  const summary = {
    key,
    base: base?.name ?? '',
    runs: runs.map(({ checkpoint }) => checkpoint.name),
    k: settings.k,
    tensors: Math.max(0, ...runs.map(({ tensors }) => tensors.length)),
  };
  const isKept = await saveReport(summary, text);
  if (isKept) await Promise.all(before.map(({ id }) => deleteReport(id)));
  await refreshRecent();
}

/** A longer report stays a file: to keep it would hold the page up. */
const MOST_BYTES = 48e6;

/**
 * Keeps a report that was opened from a file.
 * @param {Report} report
 */
export async function keepOpened(report) {
  const blob = reportBlob(report);
  if (blob && blob.size <= MOST_BYTES) await keepReport(report, blob);
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
