// One worker: a session of the analyser behind messages. The first says where the wasm lies;
// requests { id, method, args } are answered { id, value | error }.
import init, * as built from '../wasm/gatescope.js';
import { toHex } from './identity.js';
import { isLoss } from './device.js';
import { readTexts } from './packs.js';
import { holdLock } from './hold-lock.js';

/** @import { BackendChoice, BackendInfo, Settings } from '../report/model.js' */
/** @import { Analyser, Input, Session, Stages, TaskAnswer } from './analyser.js' */

/** The analyser with the types of its border. */
const analyser = /** @type {Analyser} */ (/** @type {unknown} */ (built));

const EVERY_MS = 100;

/** Where the wasm lies. */
let wasmUrl = '';

/** @type {Session | null} */
let session = null;

function openSession() {
  if (!session) throw new Error('No checkpoints are open.');
  return session;
}

/**
 * Passes progress on at a rate that a page can draw.
 * @param {number} id
 */
function watchProgress(id) {
  let toldAt = 0;
  /** @type {(stage: string, fraction: number) => void} */
  return (stage, fraction) => {
    const now = performance.now();
    if (now - toldAt < EVERY_MS) return;
    toldAt = now;
    postMessage({ id, progress: { stage, fraction } });
  };
}

const methods = {
  /** @param {Input} input */
  async open(input) {
    session?.free?.();
    session = await analyser.Session.open(input);
  },
  // With the digest of the wasm: results of one build are not taken for another's.
  generator: async () => `${analyser.generator()} ${await digestOf(wasmUrl)}`,
  /** @param {Settings} settings */
  inventory: (settings) => openSession().inventory(settings),
  /** @param {Settings} settings */
  tasks: (settings) => openSession().tasks(settings),
  /** @param {Settings} settings */
  shortened: (settings) => openSession().shortened(settings),
  /** @param {BackendChoice} wanted */
  backend: (wanted) => openSession().choose_backend(wanted),
  /**
   * @param {number} task
   * @param {Settings} settings
   * @param {number} id
   * @returns {Promise<TaskAnswer>}
   */
  async analyze(task, settings, id) {
    const { results, stages, on_cpu } = await openSession().analyze(
      task,
      settings,
      watchProgress(id),
    );
    return {
      results: JSON.stringify(results),
      stages,
      failed: results.tensors.some(([, { status }]) => status === 'failed'),
      onCpu: on_cpu,
    };
  },
  /**
   * @param {Settings} settings
   * @param {BackendInfo} backend
   * @param {(string | Blob)[]} answers
   * @param {{ total: number, stages: Stages }} timings
   * @param {string} created
   * @param {boolean} proves Whether a few tensors are computed again, and files get digests.
   */
  async assemble(settings, backend, answers, timings, created, proves) {
    const open = openSession();
    open.begin_report(settings);
    await readTexts(answers, (text) => open.add_results(text));
    if (proves) await open.prove_report(timings.total);
    /** @type {Blob[]} */
    const pieces = [];
    // A Blob at once, so that the browser holds the piece and not this worker.
    open.finish_report(backend, timings, created, (piece) => pieces.push(new Blob([piece])));
    return new Blob(pieces, { type: 'application/json' });
  },
  /** @param {string | Blob} report */
  csv: async (report) =>
    analyser.report_csv(typeof report === 'string' ? report : await report.text()),
};

/**
 * The digest of a file that was loaded a moment ago; nobody's where there is none to be had.
 * @param {string} url
 */
async function digestOf(url) {
  const response = await fetch(url, { cache: 'force-cache' });
  if (!crypto.subtle || !response.ok) return String(Math.random());
  return toHex(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
}

/**
 * The message of whatever was thrown: the analyser throws strings too.
 * @param {any} error
 * @returns {string}
 */
const messageOf = (error) => error?.message ?? String(error);

/**
 * An error that the page knows by its name.
 * @param {string} message
 * @param {unknown} [cause]
 */
const unavailable = (message, cause) =>
  Object.assign(new Error(message, { cause }), { name: 'AnalyserUnavailable' });

async function start() {
  if (typeof WebAssembly === 'undefined')
    throw unavailable('This browser has no WebAssembly, which Gatescope computes with.');
  try {
    await init({ module_or_path: wasmUrl });
  } catch (error) {
    throw unavailable(
      `The analyser could not be started: ${messageOf(error)}. Is the page whole on its server, ` +
        'and does this browser know WebAssembly SIMD?',
      error,
    );
  }
}

let failed = false;
/** @type {Promise<void> | null} */
let ready = null;

/** @param {string} url of the wasm */
function startWith(url) {
  wasmUrl = url;
  ready = start();
  // A failed start is told to every request, not as a rejection nobody handles.
  ready.catch(() => {
    failed = true;
  });
}

/**
 * @typedef {object} Request
 * @property {number} id
 * @property {keyof typeof methods} method
 * @property {unknown[]} args
 * @property {string} [lock]
 * @property {string} [wasm]
 */

addEventListener('message', async (/** @type {MessageEvent<Request>} */ { data }) => {
  const { id, method, args, lock, wasm } = data;
  if (lock) return holdLock(lock);
  if (wasm) return startWith(wasm);
  try {
    await ready;
    const call = /** @type {(...args: unknown[]) => unknown} */ (methods[method]);
    return postMessage({ id, value: await call(...args, id) });
  } catch (error) {
    // A trap leaves the instance in an unknown state, and a worker whose GPU is lost may not get
    // another one: the page has to replace it.
    const name = error instanceof Error ? error.name : undefined;
    const fatal = failed || error instanceof WebAssembly.RuntimeError || isLoss(error);
    return postMessage({ id, error: messageOf(error), name, fatal });
  }
});
