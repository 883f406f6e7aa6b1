// One worker: a session of the analyser behind messages. Requests { id, method, args } are answered { id, value | error }.
import init, * as wasm from './wasm/gatescope.js';

const EVERY_MS = 100;
let session = null;

/** Passes progress on at a rate a page can draw, and adds up the time of each stage. */
function watcher(id) {
  const stages = {};
  let stage = 'read';
  let since = performance.now();
  let told = 0;
  const close = () => {
    const now = performance.now();
    stages[stage] = (stages[stage] ?? 0) + (now - since) / 1000;
    since = now;
  };
  const report = (next, fraction) => {
    close();
    stage = next;
    if (since - told < EVERY_MS) return;
    told = since;
    postMessage({ id, progress: { stage, fraction } });
  };
  return { stages, report, close };
}

const methods = {
  async open(input) {
    session?.free?.();
    session = await wasm.Session.open(input);
  },
  defaults: () => wasm.default_settings(),
  inventory: (settings) => session.inventory(settings),
  tasks: (settings) => session.tasks(settings),
  backend: (kind) => session.choose_backend(kind),
  async analyze(task, settings, id) {
    const watch = watcher(id);
    const pairs = await session.analyze(task, settings, watch.report);
    watch.close();
    // One string crosses to the page faster than thousands of small objects, and the page only stores it.
    return { pairs: JSON.stringify(pairs), stages: watch.stages };
  },
  assemble(settings, backend, results, timings, created) {
    return session.assemble(settings, backend, results.flatMap((text) => JSON.parse(text)), timings, created);
  },
  csv: (text) => wasm.report_csv(text),
};

const ready = init();
// A failed start is told to every request, not as a rejection nobody handles.
ready.catch(() => {});

addEventListener('message', async ({ data: { id, method, args } }) => {
  try {
    await ready;
    postMessage({ id, value: await methods[method](...args, id) });
  } catch (error) {
    // A trap leaves the instance in an unknown state: the page has to replace this worker.
    const fatal = error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.CompileError;
    postMessage({ id, error: error?.message ?? String(error), fatal });
  }
});
