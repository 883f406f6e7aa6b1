// One worker: a session of the analyser behind messages. Requests { id, method, args } are answered
// { id, value | error }.
import init, * as wasm from '../wasm/gatescope.js';
import wasmUrl from '../wasm/gatescope_bg.wasm?url';

const EVERY_MS = 100;
let session = null;

/** Passes progress on at a rate that a page can draw. */
function watcher(id) {
  let told = 0;
  return (stage, fraction) => {
    const now = performance.now();
    if (now - told < EVERY_MS) return;
    told = now;
    postMessage({ id, progress: { stage, fraction } });
  };
}

const methods = {
  async open(input) {
    session?.free?.();
    session = await wasm.Session.open(input);
  },
  // The built file's name holds its digest: results of one build are not taken for another's.
  // Without a build, for nobody's.
  generator: () =>
    `${wasm.generator()} ${import.meta.env.DEV ? Math.random() : wasmUrl.split('/').at(-1)}`,
  inventory: (settings) => session.inventory(settings),
  tasks: (settings) => session.tasks(settings),
  backend: (kind) => session.choose_backend(kind),
  async analyze(task, settings, id) {
    const { results, stages } = await session.analyze(task, settings, watcher(id));
    // One string crosses to the page faster than thousands of small objects, and the page only
    // stores it.
    return {
      pairs: JSON.stringify(results),
      stages,
      failed: results.tensors.some(([, { status }]) => status === 'failed'),
    };
  },
  assemble(settings, backend, results, timings, created) {
    const parts = results.map((text) => JSON.parse(text));
    const joined = {
      tensors: parts.flatMap(({ tensors }) => tensors),
      overlaps: parts.flatMap(({ overlaps }) => overlaps),
    };
    return session.assemble(settings, backend, joined, timings, created);
  },
  csv: (text) => wasm.report_csv(text),
};

async function start() {
  if (typeof WebAssembly === 'undefined')
    throw new Error('This browser has no WebAssembly, which Gatescope computes with.');
  try {
    await init({ module_or_path: wasmUrl });
  } catch (error) {
    throw new Error(
      `The analyser could not be started: ${error?.message ?? error}. Is the page whole on its server, and does this browser know WebAssembly SIMD?`,
    );
  }
}

let failed = false;
const ready = start();
// A failed start is told to every request, not as a rejection nobody handles.
ready.catch(() => {
  failed = true;
});

/** Held as long as this worker lives, so that its end is seen. */
function hold(lock) {
  navigator.locks.request(lock, () => {
    postMessage({ locked: lock });
    return new Promise(() => {});
  });
}

addEventListener('message', async ({ data: { id, method, args, lock } }) => {
  if (lock) return hold(lock);
  try {
    await ready;
    return postMessage({ id, value: await methods[method](...args, id) });
  } catch (error) {
    // A trap leaves the instance in an unknown state: the page has to replace this worker.
    const fatal = failed || error instanceof WebAssembly.RuntimeError;
    return postMessage({ id, error: error?.message ?? String(error), name: error?.name, fatal });
  }
});
