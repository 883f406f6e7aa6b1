// What the page can be told to do, by its buttons and by the hook alike.
import { Analysis, csvOf } from '../engine/pool.js';
import { store, addTuned, input } from './state.js';
import { samples } from './input.js';
import { parseReport } from '../report/parse.js';
import { linkFisher } from '../report/fisher.js';
import { linkListed } from '../report/listed.js';
import { linkOverlaps } from '../report/overlaps.js';
import { findMetric, availableMetrics } from '../report/metrics.js';

let analysis = null;
let opened = { key: null, promise: null };

const unreadable = new Set([
  'bad_file',
  'missing_shard',
  'unsupported_dtype',
  'bad_scale',
  'bad_adapter',
  'bad_delta',
  'failed',
]);

/**
 * Opens what is given and tells what it holds; the same input is opened once, also where that
 * fails.
 */
export function inspect() {
  const given = input();
  if (!given) return Promise.reject(new Error('a tuned checkpoint is needed.'));
  const { layers } = store.state.settings;
  const { base, tuned, fisher } = store.state;
  const key = { base, tuned, fisher: fisher?.files ?? null, layers };
  if (opened.key && Object.keys(key).every((part) => opened.key[part] === key[part]))
    return opened.promise;
  const promise = look(given, key);
  opened = { key, promise };
  return promise;
}

async function look(given, key) {
  const current = () => opened.key === key;
  const reuse =
    ['base', 'tuned', 'fisher'].every((part) => opened.key?.[part] === key[part]) && analysis;
  store.set({ phase: 'reading', problem: null, needsBase: null });
  try {
    if (!reuse) {
      analysis?.close();
      analysis = new Analysis(given);
    }
    const mine = analysis;
    const inventory = await mine.inventory(store.state.settings);
    if (current()) store.set({ phase: 'found', inventory });
    return inventory;
  } catch (error) {
    if (current()) {
      analysis = null;
      // Without a base most comparisons are not yet complete, which is no error.
      store.set({
        phase: 'start',
        inventory: null,
        [error.name === 'NeedsBase' ? 'needsBase' : 'problem']: error.message,
      });
    }
    throw error;
  }
}

/** In the shape that scripts expect: summaries, and what could not be read. */
export async function inspectForScripts() {
  const { base, fisher = null, runs } = await inspect();
  const problems = runs
    .flatMap((run) => run.left_out)
    .filter(({ reason }) => unreadable.has(reason))
    .map(({ name, detail }) => ({
      name,
      message: detail.includes(name) ? detail : `${name}: ${detail}`,
    }));
  return {
    base,
    fisher,
    runs: runs.map((run) => ({ ...run.checkpoint, ...run, tensors: run.checkpoint.tensors })),
    problems,
  };
}

/** The run under way; `dropped` where nobody waits for its report any more. */
let current = { ended: Promise.resolve(), dropped: false };

/**
 * The report as text. What an earlier run of the same comparison finished is taken from there,
 * unless it is to be `fresh`.
 */
export function run({ fresh = false } = {}) {
  const mine = { dropped: false };
  const report = compute(mine, fresh);
  mine.ended = report.catch(() => {});
  current = mine;
  return report;
}

async function compute(mine, fresh) {
  await inspect();
  store.set({ phase: 'running', problem: null, progress: null, backend: null, kept: null });
  try {
    const { text, finished, cancelled } = await analysis.run(store.state.settings, {
      fresh,
      onBackend: (backend) => store.set({ backend }),
      onKept: (kept) => store.set({ kept }),
      onProgress: (progress) => {
        store.set({ progress });
        window.gatescopeProgress?.(progress);
      },
    });
    if (cancelled && finished === 0) throw new Error('Cancelled before a tensor was finished.');
    if (!mine.dropped) show(text, { kept: store.state.kept });
    return text;
  } catch (error) {
    if (!mine.dropped) store.set({ phase: 'found', problem: error.message });
    throw error;
  }
}

/** Computes everything anew, whatever was kept. */
export async function startOver() {
  current.dropped = true;
  cancel();
  await current.ended;
  return run({ fresh: true });
}

export function cancel() {
  analysis?.cancel();
}

/** Shows a report, computed now or read from a file, which has nothing `kept`. */
export function show(text, { kept = null } = {}) {
  const report = linkListed(linkFisher(linkOverlaps(parseReport(text))));
  const tensors = report.runs[0]?.tensors ?? [];
  const first =
    tensors.find(
      ({ geometry, listed, layer }) => (geometry || listed?.row_density) && layer !== null,
    ) ?? tensors[0];
  // The metric stays where the new report has it too.
  const [fallback] = availableMetrics(report);
  const shown = availableMetrics(report).includes(findMetric(store.state.metric))
    ? store.state.metric
    : fallback.id;
  store.set({
    phase: 'done',
    problem: null,
    metric: shown,
    run: 0,
    alpha: 0,
    filter: '',
    tensor: first?.name ?? null,
    kept,
    reportText: text,
    report,
  });
}

/** The CSV of the report that is shown. */
export const shownAsCsv = () => csvOf(store.state.reportText);

export async function trySample() {
  store.set({ phase: 'loading', problem: null });
  let found;
  try {
    found = await samples();
  } catch (error) {
    return store.set({ phase: store.state.inventory ? 'found' : 'start', problem: error.message });
  }
  // k = 64 of matrices this small is no longer a small subspace.
  store.set({
    base: found.base,
    fisher: null,
    tuned: [{ id: 1, name: '', files: null }],
    settings: { ...store.state.settings, k: 16, alphas: [0.3] },
  });
  found.tuned.forEach((one) => addTuned(one.name, one.files));
  // A run that fails says so by itself.
  return run().catch(() => {});
}
