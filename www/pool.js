// The scheduler: one worker leads (headers, plan, backend, report), the others join for a run on the CPU.
import { Client } from './client.js';
import { tracker } from './progress.js';

const MOST_WORKERS = 8;
const TELL_EVERY_MS = 120;

const plain = (value) => JSON.parse(JSON.stringify(value, (_, held) => (held instanceof Map ? Object.fromEntries(held) : held)));

/** What the report says of a tensor whose worker could not finish it. */
export function failedReport(task, error) {
  const layer = /\.(\d+)\./.exec(task.name);
  return {
    name: task.name, layer: layer ? Number(layer[1]) : null, module: 'other', shape: [], transposed: false, dtype: '',
    parameters: task.parameters, status: 'failed', error, precision: null, update: null, geometry: null,
    geometry_note: null, masks: [], seconds: 0,
  };
}

export class Analysis {
  #input;
  #lead = null;
  #opening = null;
  #workers = [];
  #results = [];
  #cancelled = false;

  constructor(input) {
    this.#input = input;
  }

  async #worker(backend) {
    const client = new Client();
    this.#workers.push(client);
    await client.call('open', this.#input);
    if (backend) await client.call('backend', backend);
    return client;
  }

  /** The lead; a new one where there is none yet, or it has died or was stopped. */
  #leader() {
    if (this.#lead && !this.#lead.dead) return Promise.resolve(this.#lead);
    this.#opening ??= this.#worker().then((client) => (this.#lead = client)).finally(() => { this.#opening = null; });
    return this.#opening;
  }

  async inventory(settings) {
    return plain(await (await this.#leader()).call('inventory', settings));
  }

  /** The report as text; after `cancel()` that of the tensors finished so far. */
  async run(settings, { onBackend, onProgress }) {
    const began = performance.now();
    this.#results = [];
    this.#cancelled = false;
    const stages = {};
    const lead = await this.#leader();
    const tasks = plain(await lead.call('tasks', settings));
    const backend = plain(await lead.call('backend', settings.backend));
    const size = backend.kind === 'gpu' ? 1 : Math.max(1, Math.min(navigator.hardwareConcurrency || 1, MOST_WORKERS, tasks.length));
    backend.workers = size;
    onBackend?.(backend);
    if (!this.#cancelled) await this.#work(tasks, settings, backend, stages, onProgress);
    const timings = { total: (performance.now() - began) / 1000, stages };
    const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const text = await (await this.#leader()).call('assemble', settings, backend, this.#results, timings, created);
    return { text, finished: this.#results.length, total: tasks.length, cancelled: this.#cancelled };
  }

  async #work(tasks, settings, backend, stages, onProgress) {
    const track = tracker(tasks);
    const tell = () => onProgress?.(track.state());
    const timer = setInterval(tell, TELL_EVERY_MS);
    const queue = [...tasks];
    const one = async (first) => {
      let client = first;
      while (queue.length && !this.#cancelled) {
        const task = queue.shift();
        track.begin(task);
        try {
          if (!client || client.dead) client = await this.#worker(backend.kind);
          const { pairs, stages: spent } = await client.watch((step) => track.step(task, step), 'analyze', task.id, settings);
          this.#results.push(pairs);
          for (const [name, seconds] of Object.entries(spent)) stages[name] = (stages[name] ?? 0) + seconds;
        } catch (error) {
          if (this.#cancelled) return;
          const failed = failedReport(task, error.message);
          this.#results.push(JSON.stringify(this.#input.tuned.map((_, run) => [run, failed])));
        }
        track.finish(task);
      }
    };
    try {
      tell();
      await Promise.all(Array.from({ length: backend.workers }, (_, i) => one(i === 0 ? this.#lead : null)));
      tell();
    } finally {
      clearInterval(timer);
      // Their memory is worth more than the milliseconds that a second run would save.
      this.#workers.filter((client) => client !== this.#lead).forEach((client) => client.end());
      this.#workers = this.#workers.filter((client) => !client.dead);
    }
  }

  /** Takes effect at once, within a tensor: what is computing is ended, what is finished is kept. */
  cancel() {
    this.#cancelled = true;
    this.close();
  }

  close() {
    this.#workers.forEach((client) => client.end('cancelled'));
    this.#workers = [];
  }
}

/** The CSV of a report, from a worker of its own: also a report that was dropped has one. */
export async function csvOf(text) {
  const client = new Client();
  try {
    return await client.call('csv', text);
  } finally {
    client.end();
  }
}
