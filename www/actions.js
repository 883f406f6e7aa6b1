// What the page can be told to do, by its buttons and by the hook alike.
import { Analysis } from './pool.js';
import { store, addTuned, input } from './state.js';
import { samples } from './input.js';
import { checkReport } from './report-check.js';

let analysis = null;
let opened = { key: null, promise: null };

const unreadable = new Set(['bad_file', 'missing_shard', 'unsupported_dtype', 'failed']);

/** Opens what is given and tells what it holds; the same input is opened once. */
export function inspect() {
  const given = input();
  if (!given) return Promise.reject(new Error('a base and a tuned checkpoint are needed.'));
  const { layers } = store.state.settings;
  const { base, tuned } = store.state;
  const same = opened.key && opened.key.base === base && opened.key.tuned === tuned && opened.key.layers === layers;
  if (same) return opened.promise;
  const key = { base, tuned, layers };
  const promise = look(given, key);
  opened = { key, promise };
  return promise;
}

async function look(given, key) {
  const current = () => opened.key === key;
  const reuse = opened.key?.base === key.base && opened.key?.tuned === key.tuned && analysis;
  store.set({ phase: 'reading', problem: null });
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
      opened = { key: null, promise: null };
      store.set({ phase: 'start', inventory: null, problem: error.message });
    }
    throw error;
  }
}

/** In the shape that scripts expect: summaries, and what could not be read. */
export async function inspectForScripts() {
  const { base, runs } = await inspect();
  const problems = runs.flatMap((run) => run.left_out)
    .filter(({ reason }) => unreadable.has(reason))
    .map(({ name, detail }) => ({ name, message: detail.includes(name) ? detail : `${name}: ${detail}` }));
  return { base, runs: runs.map((run) => ({ ...run.checkpoint, ...run, tensors: run.checkpoint.tensors })), problems };
}

export async function run() {
  await inspect();
  store.set({ phase: 'running', problem: null, progress: null, backend: null });
  try {
    const { text, finished, total, cancelled } = await analysis.run(store.state.settings, {
      onBackend: (backend) => store.set({ backend }),
      onProgress: (progress) => {
        store.set({ progress });
        window.gatescopeProgress?.(progress);
      },
    });
    if (cancelled && finished === 0) throw new Error('Cancelled before a tensor was finished.');
    show(text, cancelled ? { finished, total } : null);
    return text;
  } catch (error) {
    store.set({ phase: 'found', problem: error.message });
    throw error;
  }
}

export function cancel() {
  analysis?.cancel();
}

/** Shows a report, computed now or read from a file. */
export function show(text, partial = null) {
  const report = checkReport(text);
  const first = report.runs[0]?.tensors.find((tensor) => tensor.geometry && tensor.layer !== null) ?? report.runs[0]?.tensors[0];
  store.set({ phase: 'done', problem: null, run: 0, alpha: 0, filter: '', tensor: first?.name ?? null, partial, reportText: text, report });
}

export async function trySample() {
  store.set({ phase: 'loading', problem: null });
  try {
    const { base, tuned } = await samples();
    // k = 64 of matrices this small is no longer a small subspace.
    store.set({ base, tuned: [{ id: 1, name: '', files: null }], settings: { ...store.state.settings, k: 16, alphas: [0.3] } });
    tuned.forEach((one) => addTuned(one.name, one.files));
    await run();
  } catch (error) {
    store.set({ phase: store.state.inventory ? 'found' : 'start', problem: error.message });
  }
}
