// A worker as promises, and a notice when it has ended.

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
 */

let created = 0;

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

  constructor(
    create = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  ) {
    this.#worker = create();
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault?.();
      this.#end(
        event.message ||
          'The analyser’s worker could not be loaded. Is the page whole on its server?',
      );
    };
    this.#worker.onmessageerror = () => this.#end('a message of the worker could not be read');
    // A worker that ends without a word (killed, out of memory) gives no event, but it gives back
    // its lock.
    created += 1;
    if (navigator.locks)
      this.#worker.postMessage({
        lock: `gatescope ${performance.timeOrigin} ${Math.random()} ${created}`,
      });
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
    if (this.dead) return Promise.reject(new Error(this.dead));
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
  #receive({ id, value, error, name, fatal, progress, locked }) {
    if (locked) return this.#watchLock(locked);
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    if (progress) return waiting.onProgress?.(progress);
    this.#waiting.delete(id);
    if (error === undefined) return waiting.resolve(value);
    waiting.reject(Object.assign(new Error(error), name && { name }));
    return fatal && this.#end(error);
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

  /** @param {string} reason */
  #end(reason) {
    if (this.dead) return;
    this.dead = reason;
    this.#watched.abort();
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}
