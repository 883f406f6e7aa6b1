// A worker as promises, and a notice when it has ended.
import { startWorker } from './bootstrap.js';

/** @import { Places } from './places.js' */

/** @typedef {{ stage: string, fraction: number }} Step */
/**
 * A call that waits for its answer.
 * @typedef {object} Waiting
 * @property {(value: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {((step: Step) => void) | null} onProgress
 */

/**
 * @typedef {object} Message
 * @property {number} id
 * @property {unknown} [value]
 * @property {string} [error]
 * @property {string} [name] The error's.
 * @property {boolean} [fatal] Whether the worker cannot go on.
 * @property {Step} [progress]
 * @property {string} [locked] The lock that the worker has taken.
 * @property {string} [unloaded] Why the worker's code could not be loaded.
 */

let created = 0;

/**
 * An error with a name that tells its kind.
 * @param {string} message
 * @param {string} [name]
 */
const namedError = (message, name) => Object.assign(new Error(message), name && { name });

export class Client {
  #worker;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #next = 1;
  #watched = new AbortController();
  /**
   * Why the worker has ended; null while it lives.
   * @type {string | null}
   */
  dead = null;
  /** The name of the error that calls of an ended worker are refused with. */
  #deadName = 'WorkerEnded';

  /**
   * Not every worker needs the wasm.
   * @param {Pick<Places, 'workerUrl'> & Partial<Places>} places
   */
  constructor({ workerUrl, wasmUrl }) {
    this.#worker = startWorker(workerUrl);
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault?.();
      if (event.message) this.#end(event.message);
      // The worker itself was refused, by the policy of a page that does not know Gatescope.
      else this.#endUnloaded('the page’s policy has to allow `worker-src blob:`');
    };
    this.#worker.onmessageerror = () => this.#end('a message of the worker could not be read');
    // A worker that ends without a word (killed, out of memory) gives no event, but it gives back
    // its lock.
    created += 1;
    if (navigator.locks)
      this.#worker.postMessage({
        lock: `gatescope ${performance.timeOrigin} ${Math.random()} ${created}`,
      });
    if (wasmUrl !== undefined)
      this.#worker.postMessage({ wasm: new URL(wasmUrl, location.href).href });
  }

  /**
   * Calls a method of the worker.
   * @param {string} method
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  call(method, ...args) {
    return this.watch(null, method, ...args);
  }

  /**
   * As `call`, with progress.
   * @param {((step: Step) => void) | null} onProgress
   * @param {string} method
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  watch(onProgress, method, ...args) {
    if (this.dead) return Promise.reject(namedError(this.dead, this.#deadName));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, method, args });
    });
  }

  end(reason = 'stopped') {
    this.#end(reason);
  }

  /** @param {Message} message */
  #receive({ id, value, error, name, fatal, progress, locked, unloaded }) {
    if (locked) return this.#watchLock(locked);
    if (unloaded !== undefined) return this.#endUnloaded(unloaded);
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    if (progress) return waiting.onProgress?.(progress);
    this.#waiting.delete(id);
    if (error === undefined) return waiting.resolve(value);
    waiting.reject(namedError(error, name));
    return fatal && this.#end(error, name);
  }

  /** @param {string} why */
  #endUnloaded(why) {
    this.#end(
      `The analyser’s worker could not be loaded: ${why}. Is the page whole on its server?`,
      'WorkerUnavailable',
    );
  }

  /**
   * The worker holds the lock as long as it lives.
   * @param {string} lock
   */
  #watchLock(lock) {
    const { signal } = this.#watched;
    if (!signal.aborted)
      navigator.locks
        .request(lock, { signal }, () => this.#end('the worker ended unexpectedly'))
        .catch(() => {});
  }

  /**
   * @param {string} reason
   * @param {string} name
   */
  #end(reason, name = 'WorkerEnded') {
    if (this.dead) return;
    this.dead = reason;
    this.#deadName = name;
    this.#watched.abort();
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(namedError(reason, name));
    this.#waiting.clear();
  }
}
