// What the page can be told to do, by its buttons and by scripts alike.
import { Analysis, writeCsv } from '../engine/analysis.js';
import { openReportBlob, openReportText } from '../engine/open-report.js';
import { saveReport } from '../engine/save-report.js';
import { reportBlob } from '../report/details.js';
import { loadSamples } from './input.js';
import { openResult } from './open-report.js';
import { addTuned, currentInput, store } from './state.js';

/** @import { LeftOutReason, Settings } from '../report/model.js' */
/** @import { Input, Inventory } from '../engine/analyser.js' */
/** @import { State } from './state.js' */

/** @type {Analysis | null} */
let analysis = null;

/**
 * What was opened last, by everything that its inventory depends on.
 * @typedef {Record<'base' | 'tuned' | 'fisher' | 'layers', unknown>} OpenKey
 * @type {{ key: OpenKey | null, promise: Promise<Inventory> | null }}
 */
let opened = { key: null, promise: null };

/**
 * Reasons for which a tensor could not be read.
 * @type {Set<LeftOutReason>}
 */
const UNREADABLE = new Set([
  'bad_file',
  'missing_shard',
  'unsupported_dtype',
  'bad_scale',
  'bad_adapter',
  'bad_delta',
  'failed',
]);

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Opens what is given and tells what it holds; the same input is opened once, also where that
 * fails.
 * @param {Settings} [settings]
 */
export function inspect(settings = store.state.settings) {
  const given = currentInput();
  if (!given) return Promise.reject(new Error('a tuned checkpoint is needed.'));
  const { base, tuned, fisher } = store.state;
  /** @type {OpenKey} */
  const key = { base, tuned, fisher: fisher?.files ?? null, layers: settings.layers };
  const { key: last, promise: pending } = opened;
  if (last && pending && sameParts(last, key, ['base', 'tuned', 'fisher', 'layers']))
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
  store.set({ phase: 'reading', problem: null, needsBase: null });
  try {
    if (!same || !analysis) {
      analysis?.close();
      analysis = new Analysis(given);
    }
    const inventory = await analysis.inventory(settings);
    if (isLatest()) store.set({ phase: 'found', inventory });
    return inventory;
  } catch (error) {
    if (isLatest()) {
      analysis = null;
      // Without a base most comparisons are not yet complete, which is not an error.
      const needsBase = error instanceof Error && error.name === 'NeedsBase';
      store.set({
        phase: 'start',
        inventory: null,
        [needsBase ? 'needsBase' : 'problem']: messageOf(error),
      });
    }
    throw error;
  }
}

/** In the form that scripts expect: summaries, and what could not be read. */
export async function inspectForScripts() {
  const { base, fisher = null, runs } = await inspect();
  const problems = runs
    .flatMap(({ left_out: leftOut }) => leftOut)
    .filter(({ reason }) => UNREADABLE.has(reason))
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
 * The report as text. What an earlier run of the same comparison finished is taken from there,
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
  store.set({ phase: 'running', problem: null, progress: null, backend: null, kept: null });
  try {
    if (!analysis) throw new Error('the checkpoints are not open any more.');
    const { text, finished, cancelled } = await analysis.run(settings, {
      fresh,
      onBackend: (backend) => store.set({ backend }),
      onKept: (kept) => store.set({ kept }),
      onProgress: (progress) => {
        store.set({ progress });
        window.gatescopeProgress?.(progress);
      },
    });
    if (cancelled && finished === 0) throw new Error('Cancelled before a tensor was finished.');
    if (!started.dropped) await show(text, { kept: store.state.kept });
    return text;
  } catch (error) {
    if (!started.dropped) store.set({ phase: 'found', problem: messageOf(error) });
    throw error;
  }
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
}

/** The report that was asked for last; one that was asked for before it is not shown any more. */
let opening = {};

/**
 * Shows a report, computed now or read from a file, which has nothing `kept`.
 * @param {string | Blob} source
 * @param {Partial<Pick<State, 'kept'>>} options
 */
export async function show(source, { kept = null } = {}) {
  const mine = (opening = {});
  const report = await (typeof source === 'string'
    ? openReportText(source)
    : openReportBlob(source));
  if (opening === mine) openResult(report, { kept });
}

/** The CSV of the report that is shown. */
export const writeShownCsv = () => writeCsv(reportBlob(store.state.report) ?? '');

/** The report that is shown as a file. */
export const saveShownReport = async () => store.state.report && saveReport(store.state.report);

/** In matrices as small as the sample's, the default k is not a small subspace. */
const SAMPLE_SETTINGS = { k: 16, alphas: [0.3] };

/** Compares the checkpoints that come with the page. The user's own settings stay as they are. */
export async function trySample() {
  store.set({ phase: 'loading', problem: null });
  let samples;
  try {
    samples = await loadSamples();
  } catch (error) {
    return store.set({
      phase: store.state.inventory ? 'found' : 'start',
      problem: messageOf(error),
    });
  }
  const { base, tuned } = samples;
  store.set({ base, fisher: null, tuned: [{ id: 1, name: '', files: null }] });
  tuned.forEach(({ name, files }) => addTuned(name, files));
  // A run that fails says so by itself.
  return run({ settings: { ...store.state.settings, ...SAMPLE_SETTINGS } }).catch(() => {});
}
