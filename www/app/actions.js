// What the page can be told to do, by its buttons and by scripts alike.
import { Analysis } from '../engine/analysis.js';
import { writeCsv } from '../engine/write-csv.js';
import { openReportBlob } from '../engine/open-report.js';
import { readReport } from '../engine/recent.js';
import { saveReport } from '../engine/save-report.js';
import { reportBlob } from '../report/details.js';
import { findIdentical } from './identical.js';
import { addFinished, beginLive, markRunning } from './live.js';
import { openResult } from './open-report.js';
import { rememberPace } from './pace.js';
import { shorterSides } from './proposal.js';
import { keepOpened, keepReport, refreshRecent } from './recents.js';
import { readHints } from './roles.js';
import { showRenamings } from './settings-text.js';
import { currentInput, store } from './state.js';
import { sum } from '../report/means.js';
import { messageOf } from '../report/message.js';
import { ERRORS } from '../report/reasons.js';

/** @import { Report, Settings } from '../report/model.js' */
/** @import { Input, Inventory } from '../engine/analyser.js' */
/** @import { State } from './state.js' */

/** @type {Analysis | null} */
let analysis = null;

/**
 * What was opened last, by everything that its inventory depends on.
 * @typedef {Record<'base' | 'tuned' | 'fisher' | 'layers' | 'rename', unknown>} OpenKey
 * @type {{ key: OpenKey | null, promise: Promise<Inventory> | null }}
 */
let opened = { key: null, promise: null };

/**
 * Opens what is given and tells what it holds; the same input is opened once, also where that
 * fails.
 * @param {Settings} [settings]
 */
export function inspect(settings = store.state.settings) {
  const given = currentInput();
  if (!given) return Promise.reject(new Error('a tuned checkpoint is needed.'));
  const { base, tuned, fisher } = store.state;
  const { layers, rename } = settings;
  /** @type {OpenKey} */
  const key = { base, tuned, fisher: fisher?.files ?? null, layers, rename: showRenamings(rename) };
  const { key: last, promise: pending } = opened;
  if (last && pending && sameParts(last, key, ['base', 'tuned', 'fisher', 'layers', 'rename']))
    return pending;
  const promise = readInventory(given, key, settings);
  opened = { key, promise };
  return promise;
}

/** @type {(a: OpenKey, b: OpenKey, parts: (keyof OpenKey)[]) => boolean} */
const sameParts = (a, b, parts) => parts.every((part) => a[part] === b[part]);

/**
 * @param {Input} given
 * @param {OpenKey} key
 * @param {Settings} settings
 */
async function readInventory(given, key, settings) {
  const isLatest = () => opened.key === key;
  const same = opened.key && sameParts(opened.key, key, ['base', 'tuned', 'fisher']);
  /** Whoever has gone back to a report meanwhile stays there. @param {State['phase']} phase */
  const settle = (phase) => store.state.phase === 'reading' && { phase };
  store.set({ phase: 'reading', problem: null, needsBase: null, resumable: false });
  try {
    if (!same || !analysis) {
      analysis?.close();
      analysis = new Analysis(given);
    }
    const inventory = await analysis.inventory(settings);
    if (isLatest()) {
      const unknown = !same && { sides: null, identical: [] };
      store.set({ ...settle('found'), inventory, ...unknown });
      lookCloser(analysis, given, settings, isLatest);
    }
    return inventory;
  } catch (error) {
    if (isLatest()) {
      analysis = null;
      // Without a base most comparisons are not yet complete, which is not an error.
      const needsBase = error instanceof Error && error.name === 'NeedsBase';
      store.set({
        ...settle('start'),
        inventory: null,
        [needsBase ? 'needsBase' : 'problem']: messageOf(error),
      });
      if (needsBase) nameOrigin(given, isLatest);
    }
    throw error;
  }
}

/**
 * Adds to what needs a base the model that its configuration names; nothing waits for it.
 * @param {Input} given
 * @param {() => boolean} isLatest
 */
async function nameOrigin({ tuned }, isLatest) {
  const hints = await Promise.all(tuned.map(({ files }) => readHints(files)));
  const origin = hints.find((one) => one.isPart && one.origin !== null)?.origin;
  const { needsBase } = store.state;
  if (origin && needsBase && isLatest())
    store.set({ needsBase: `${needsBase}. Its configuration names ${origin} as its base` });
}

/**
 * What is worth a word before a run; nothing waits for it.
 * @param {Analysis} session
 * @param {Input} given
 * @param {Settings} settings
 * @param {() => boolean} isLatest
 */
function lookCloser(session, given, settings, isLatest) {
  const { base, tuned } = given;
  findIdentical({ base, tuned })
    .then((identical) => isLatest() && store.set({ identical }))
    .catch(() => {});
  session
    .tasks(settings)
    .then((tasks) => isLatest() && store.set({ sides: shorterSides(tasks) }))
    .catch(() => {});
}

/** In the form that scripts expect: summaries, and what could not be read. */
export async function inspectForScripts() {
  const { base, fisher = null, runs } = await inspect();
  const problems = runs
    .flatMap(({ left_out: leftOut }) => leftOut)
    .filter(({ reason }) => ERRORS.has(reason))
    .map(({ name, detail }) => ({
      name,
      message: detail.includes(name) ? detail : `${name}: ${detail}`,
    }));
  return {
    base,
    fisher,
    runs: runs.map((found) => ({
      ...found.checkpoint,
      ...found,
      tensors: found.checkpoint.tensors,
    })),
    problems,
  };
}

/**
 * A run; `dropped` where nobody waits for its report any more.
 * @typedef {{ ended: Promise<unknown>, dropped: boolean, settings?: Settings }} Run
 */

/**
 * The run under way, or the last one.
 * @type {Run}
 */
let current = { ended: Promise.resolve(), dropped: false };

/**
 * The report as a Blob of JSON, and as it is shown; null where nobody waits for that any more. What
 * an earlier run of the same comparison finished is taken from there,
 * unless it is to be `fresh`. `settings` are the user's own where none are given.
 * @param {{ fresh?: boolean, settings?: Settings }} options
 */
export function run({ fresh = false, settings = store.state.settings } = {}) {
  /** @type {Run} */
  const started = { ended: Promise.resolve(), dropped: false, settings };
  const report = compute(started, settings, fresh);
  started.ended = report.catch(() => {});
  current = started;
  return report;
}

/**
 * @param {Run} started
 * @param {Settings} settings
 * @param {boolean} fresh
 */
async function compute(started, settings, fresh) {
  await inspect(settings);
  store.set({
    phase: 'running',
    problem: null,
    notes: [],
    progress: null,
    assembling: false,
    live: null,
    backend: null,
    kept: null,
  });
  let expected = 0;
  try {
    if (!analysis) throw new Error('the checkpoints are not open any more.');
    const {
      report: made,
      finished,
      cancelled,
    } = await analysis.run(settings, {
      fresh,
      onBackend: (backend) => store.set({ backend }),
      onKept: (kept) => store.set({ kept }),
      onTasks(tasks, kept) {
        expected = kept.length ? 0 : sum(tasks.map(({ cost }) => cost));
        store.set({ live: beginLive(tasks, kept) });
      },
      onTensor: (task, { tensors }) => {
        const { live } = store.state;
        if (live) store.set({ live: addFinished(live, task, tensors) });
      },
      onRunning: (running) => {
        const { live } = store.state;
        if (live) store.set({ live: markRunning(live, running) });
      },
      onAssemble: () => store.set({ assembling: true }),
      onProgress: (progress) => {
        store.set({ progress });
        window.gatescopeProgress?.(progress);
      },
    });
    const { backend, progress } = store.state;
    if (!cancelled) rememberPace({ expected, seconds: progress?.seconds ?? 0, backend });
    if (cancelled && finished === 0) throw new Error('Cancelled before a tensor was finished.');
    /** @type {Report | null} */
    let report = null;
    if (!started.dropped) {
      const { kept, fromSample } = store.state;
      const sampleShown = fromSample ? 'computed' : null;
      report = await show(made, { kept, sampleShown, resumable: cancelled });
      if (!cancelled) keepReport(report, made);
    }
    return { blob: made, report };
  } catch (error) {
    if (!started.dropped) store.set({ phase: 'found', problem: messageOf(error), live: null });
    throw error;
  }
}

/** Goes on with the run that was cancelled: what it has finished is taken from there. */
export const continueRun = () => run({ settings: current.settings });

/**
 * Opens a report that the browser keeps.
 * @param {number} id
 */
export async function openRecent(id) {
  const kept = await readReport(id);
  if (!kept) {
    store.set({ problem: 'The browser does not have this report any more.' });
    return refreshRecent();
  }
  return openReport(kept, 'The kept report', {}, false);
}

/** Computes everything of the last run anew, whatever was kept. */
export async function startOver() {
  const { settings } = current;
  current.dropped = true;
  cancel();
  await current.ended;
  return run({ fresh: true, settings });
}

export function cancel() {
  analysis?.cancel();
  if (store.state.phase !== 'reading') return;
  // An opening that was cut off is none that failed: the next one begins anew.
  analysis = null;
  opened = { key: null, promise: null };
  store.set({ phase: 'start', inventory: null });
}

/** The report that was asked for last; one that was asked for before it is not shown any more. */
let opening = {};

/**
 * Shows a report, computed now or read from a file, which has nothing `kept`.
 * @param {Blob} source
 * @param {Parameters<typeof openResult>[1]} [options]
 */
export async function show(source, options) {
  const mine = (opening = {});
  const report = await openReportBlob(source);
  if (opening === mine) openResult(report, options);
  return report;
}

/**
 * Opens a report, gzipped or not, or says by its name what is wrong. One that is new is kept among
 * the recent ones.
 * @param {Blob} source
 * @param {string} name
 * @param {Parameters<typeof show>[1]} [options]
 * @param {boolean} [isNew] Whether the browser does not keep it yet.
 */
export async function openReport(source, name, options, isNew = true) {
  try {
    const report = await show(source, options);
    if (isNew) keepOpened(report).catch(() => {});
  } catch (error) {
    store.set({ problem: `${name}: ${messageOf(error)}` });
  }
}

/** The CSV of the report that is shown. */
export const writeShownCsv = () => writeCsv(reportBlob(store.state.report) ?? '');

/** The report that is shown, as text. */
export const readShownText = async () => (await reportBlob(store.state.report)?.text()) ?? '';

/** The report that is shown as a file. */
export const saveShownReport = async () => store.state.report && saveReport(store.state.report);
