// A worker as promises, and a notice where it is no more.

let born = 0;

export class Client {
  #worker;
  #waiting = new Map();
  #next = 1;
  #watched = new AbortController();
  dead = null;

  constructor(
    create = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  ) {
    this.#worker = create();
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault?.();
      this.#die(
        event.message ||
          'The analyser’s worker could not be loaded. Is the page whole on its server?',
      );
    };
    this.#worker.onmessageerror = () => this.#die('a message of the worker could not be read');
    // A worker that ends without a word (killed, out of memory) gives no event, but it gives back
    // its lock.
    born += 1;
    if (navigator.locks)
      this.#worker.postMessage({
        lock: `gatescope ${performance.timeOrigin} ${Math.random()} ${born}`,
      });
  }

  call(method, ...args) {
    return this.watch(null, method, ...args);
  }

  /** As `call`, with `onProgress({ stage, fraction })`. */
  watch(onProgress, method, ...args) {
    if (this.dead) return Promise.reject(new Error(this.dead));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, method, args });
    });
  }

  end(reason = 'stopped') {
    this.#die(reason);
  }

  #receive({ id, value, error, name, fatal, progress, locked }) {
    if (locked) return this.#mourn(locked);
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    if (progress) return waiting.onProgress?.(progress);
    this.#waiting.delete(id);
    if (error === undefined) return waiting.resolve(value);
    waiting.reject(Object.assign(new Error(error), name && { name }));
    return fatal && this.#die(error);
  }

  /** The worker holds the lock as long as it lives. */
  #mourn(lock) {
    const { signal } = this.#watched;
    if (!signal.aborted)
      navigator.locks
        .request(lock, { signal }, () => this.#die('the worker ended unexpectedly'))
        .catch(() => {});
  }

  #die(reason) {
    if (this.dead) return;
    this.dead = reason;
    this.#watched.abort();
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}
