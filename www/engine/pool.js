// The scheduler: one worker leads (headers, plan, backend, report), the others join for a run on
// the CPU.
import { Client } from './client.js';
import { failedResult } from './failed.js';
import { identity } from './identity.js';
import { openKept } from './kept.js';
import { tracker } from './progress.js';

const MOST_WORKERS = 8;
const TELL_EVERY_MS = 120;
/**
 * A tensor whose worker dies is tried again on a fresh one, which has no memory of what came
 * before.
 */
const MOST_TRIES = 2;

const plain = (value) =>
  JSON.parse(
    JSON.stringify(value, (_, held) => (held instanceof Map ? Object.fromEntries(held) : held)),
  );

export class Analysis {
  #input;
  #lead = null;
  #opening = null;
  #workers = [];
  #cancelled = false;

  constructor(input) {
    this.#input = input;
  }

  async #worker(backend) {
    const client = new Client();
    this.#workers.push(client);
    try {
      await client.call('open', this.#input);
      if (backend) await client.call('backend', backend);
    } catch (error) {
      client.end(error.message);
      throw error;
    }
    return client;
  }

  /** The lead; a new one where there is none yet, or it has died or was stopped. */
  #leader() {
    if (this.#lead && !this.#lead.dead) return Promise.resolve(this.#lead);
    this.#opening ??= this.#worker()
      .then((client) => (this.#lead = client))
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  async inventory(settings) {
    return plain(await (await this.#leader()).call('inventory', settings));
  }

  /** What earlier runs left of the same comparison. */
  async #kept(lead, settings, backend, fresh) {
    const key = await identity(this.#input, settings, backend, await lead.call('generator')).catch(
      () => null,
    );
    const kept = await openKept(key);
    if (fresh) await kept.forget();
    return kept;
  }

  /**
   * The report as text; after `cancel()` that of the tensors finished so far. What an earlier run
   * has finished is not computed again, unless the run is to be `fresh`.
   */
  async run(settings, { fresh = false, onBackend, onKept, onProgress }) {
    const began = performance.now();
    this.#cancelled = false;
    const lead = await this.#leader();
    const tasks = plain(await lead.call('tasks', settings));
    const backend = plain(await lead.call('backend', settings.backend));
    const kept = await this.#kept(lead, settings, backend, fresh);
    const [earlier, queue] = [true, false].map((done) =>
      tasks.filter(({ name }) => kept.found.has(name) === done),
    );
    backend.workers =
      backend.kind === 'gpu'
        ? 1
        : Math.max(1, Math.min(navigator.hardwareConcurrency || 1, MOST_WORKERS, queue.length));
    onBackend?.(backend);
    onKept?.({ kept: earlier.length, total: tasks.length });
    const results = earlier.map(({ name }) => kept.found.get(name));
    try {
      if (!this.#cancelled)
        await this.#work({
          queue,
          settings,
          backend,
          kept,
          results,
          onProgress,
          track: tracker(queue, { kept: earlier }),
        });
    } finally {
      kept.close();
    }
    const stages = {};
    for (const one of results)
      for (const [name, seconds] of Object.entries(one.stages))
        stages[name] = (stages[name] ?? 0) + seconds;
    const timings = { total: (performance.now() - began) / 1000, stages };
    const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const text = await (
      await this.#leader()
    ).call(
      'assemble',
      settings,
      backend,
      results.map(({ pairs }) => pairs),
      timings,
      created,
    );
    return { text, finished: results.length, cancelled: this.#cancelled };
  }

  async #work({ queue, settings, backend, kept, results, onProgress, track }) {
    const open = [...queue];
    const tell = () => onProgress?.(track.state());
    const timer = setInterval(tell, TELL_EVERY_MS);
    const one = async (first) => {
      const seat = { client: first };
      while (open.length && !this.#cancelled) {
        const task = open.shift();
        const result = await this.#analyze(seat, task, { settings, backend, track });
        if (!result) return;
        results.push(result);
        // What failed may do better another time.
        if (!result.failed) kept.keep(task.name, result);
        track.finish(task);
      }
    };
    try {
      tell();
      await Promise.all(
        Array.from({ length: backend.workers }, (_, i) => one(i === 0 ? this.#lead : null)),
      );
      tell();
    } finally {
      clearInterval(timer);
      // Their memory is worth more than the milliseconds that a second run would save.
      this.#workers.filter((client) => client !== this.#lead).forEach((client) => client.end());
      this.#workers = this.#workers.filter((client) => !client.dead);
    }
  }

  /**
   * One tensor, on the worker that has the seat or on a new one; null where the run was cancelled
   * meanwhile.
   */
  async #analyze(seat, task, { settings, backend, track }) {
    for (let tries = 1; ; tries += 1) {
      track.begin(task);
      try {
        if (!seat.client || seat.client.dead) seat.client = await this.#worker(backend.kind);
        return await seat.client.watch(
          (step) => track.step(task, step),
          'analyze',
          task.id,
          settings,
        );
      } catch (error) {
        if (this.#cancelled) return null;
        const died = !seat.client || Boolean(seat.client.dead);
        const failed = (why) =>
          failedResult(this.#input.base ? task : { ...task, dtype_base: '' }, why);
        if (!died) return failed(error.message);
        if (tries === MOST_TRIES)
          return failed(
            `its worker died, and so did the fresh one that tried it again: ${error.message}`,
          );
      }
    }
  }

  /**
   * Takes effect at once, within a tensor: what is computing is ended, what is finished is kept.
   */
  cancel() {
    this.#cancelled = true;
    this.close();
  }

  close() {
    this.#workers.forEach((client) => client.end('Cancelled before a tensor was finished.'));
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
