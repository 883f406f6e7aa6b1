// A worker as promises.

export class Client {
  #worker;
  #waiting = new Map();
  #next = 1;
  dead = null;

  constructor(create = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })) {
    this.#worker = create();
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault?.();
      this.#die(event.message || 'the worker could not be started');
    };
    this.#worker.onmessageerror = () => this.#die('a message of the worker could not be read');
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

  #receive({ id, value, error, fatal, progress }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (progress) return waiting.onProgress?.(progress);
    this.#waiting.delete(id);
    if (error === undefined) return waiting.resolve(value);
    waiting.reject(new Error(error));
    if (fatal) this.#die(error);
  }

  #die(reason) {
    if (this.dead) return;
    this.dead = reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}
