// The scheduler: one worker leads (headers, plan, backend, report), the others join for a run on
// the CPU.
import { Client } from './client.js';
import { isLoss, toLoss, trackDevice } from './device.js';
import { answerFailure } from './failed.js';
import { identifyRun } from './identity.js';
import { openKept } from './kept.js';
import { Packs, listTexts } from './packs.js';
import { PLACES } from './places.js';
import { trackProgress } from './progress.js';
import { messageOf } from '../report/message.js';

/** @import { BackendInfo, Settings } from '../report/model.js' */
/** @import { Input, Inventory, Results, Stages, Task, TaskAnswer } from './analyser.js' */
/** @import { Kept } from './kept.js' */
/** @import { Places } from './places.js' */
/** @import { Progress } from './progress.js' */

/**
 * @typedef {object} RunOptions
 * @property {boolean} [fresh] Whether what was kept is computed again.
 * @property {boolean} [partial] Whether a cancelled run gives the report of what was finished; else
 * it rejects.
 * @property {(backend: BackendInfo) => void} [onBackend] Called again where another one goes on.
 * @property {(kept: { kept: number, total: number }) => void} [onKept]
 * @property {(tasks: Task[], kept: string[]) => void} [onTasks] Called once, with the names of
 * those that an earlier run has finished.
 * @property {(task: Task, results: Results) => void} [onTensor] Told of each tensor that is there,
 * in all runs that have it: of those that were kept at once, of the others as they are finished.
 * @property {(running: string[]) => void} [onRunning] The tensors that are being analysed.
 * @property {(progress: Progress) => void} [onProgress]
 * @property {() => void} [onAssemble] All tensors are finished, and the report is being made.
 */

/**
 * What the workers of a run share.
 * @typedef {object} Work
 * @property {Task[]} queue
 * @property {Settings} settings
 * @property {BackendInfo} backend The one that was chosen.
 * @property {ReturnType<typeof trackDevice>} device
 * @property {Kept} kept
 * @property {TaskAnswer[]} answers
 * @property {Packs} packs
 * @property {Map<string, TaskAnswer>} own The answers of this run that did not fail, by tensor.
 * @property {ReturnType<typeof trackProgress>} track
 * @property {RunOptions['onTensor']} [onTensor]
 * @property {RunOptions['onRunning']} [onRunning]
 * @property {RunOptions['onBackend']} [onBackend]
 * @property {((progress: Progress) => void)} [onProgress]
 */

/**
 * A place for a worker: one that died is replaced. `kind`: the device that it computes with.
 * @typedef {{ client: Client | null, kind: BackendInfo['kind'] }} Seat
 */

const MOST_WORKERS = 8;
const TELL_EVERY_MS = 120;
/**
 * A tensor whose worker dies is tried again on a fresh one, which has no memory of what came
 * before.
 */
const MOST_TRIES = 2;

/**
 * A value without the maps that the analyser may give for objects.
 * @template T
 * @param {T} value
 * @returns {T}
 */
const toPlain = (value) =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (part instanceof Map ? Object.fromEntries(part) : part)),
  );

/** @param {TaskAnswer[]} answers */
function sumStages(answers) {
  /** @type {Stages} */
  const sums = {};
  for (const { stages } of answers)
    for (const [name, seconds] of Object.entries(stages)) sums[name] = (sums[name] ?? 0) + seconds;
  return sums;
}

/**
 * What is told is dropped again: the answers stay as texts, which are smaller. Those in a pack were
 * told before.
 * @param {Pick<RunOptions, 'onTensor'>} tell
 * @param {Task} task
 * @param {TaskAnswer} answer
 */
const tellTensor = ({ onTensor }, task, { results }) =>
  typeof results === 'string' && onTensor?.(task, JSON.parse(results));

/**
 * Has a worker compute with the device that the run has. A GPU that it does not get is lost.
 * @param {Client} client
 * @param {BackendInfo['kind']} backend
 */
async function chooseBackend(client, backend) {
  try {
    await client.call('backend', backend);
  } catch (error) {
    throw backend === 'gpu' && !client.dead ? toLoss(error) : error;
  }
}

/** @param {number} tasks */
const countCpuWorkers = (tasks) =>
  Math.max(1, Math.min(navigator.hardwareConcurrency || 1, MOST_WORKERS, tasks));

export class Analysis {
  #input;
  /** @type {Client | null} */
  #lead = null;
  /** @type {Promise<Client> | null} */
  #opening = null;
  /** @type {Client[]} */
  #workers = [];
  #cancelled = false;
  #places;
  #keeps;
  /**
   * What a cancelled run has finished, for the next one with the same settings: also where the
   * browser keeps nothing.
   * @type {{ settings: string, found: Map<string, TaskAnswer> } | null}
   */
  #left = null;

  /**
   * @param {Input} input
   * @param {{ places?: Places, keeps?: boolean }} [options] `keeps`: whether finished tensors are
   * kept for a later run.
   */
  constructor(input, { places = PLACES, keeps = true } = {}) {
    this.#input = input;
    this.#places = places;
    this.#keeps = keeps;
  }

  /** @param {BackendInfo['kind']} [backend] */
  async #startWorker(backend) {
    const client = new Client(this.#places);
    this.#workers.push(client);
    try {
      await client.call('open', this.#input);
      if (backend) await chooseBackend(client, backend);
    } catch (error) {
      client.end(messageOf(error));
      throw error;
    }
    return client;
  }

  /**
   * The lead; a new one where there is none yet, or it has died or was stopped.
   * @returns {Promise<Client>}
   */
  #getLead() {
    if (this.#lead && !this.#lead.dead) return Promise.resolve(this.#lead);
    this.#opening ??= this.#startWorker()
      .then((client) => (this.#lead = client))
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  /**
   * @param {Settings} settings
   * @returns {Promise<Inventory>}
   */
  async inventory(settings) {
    return toPlain(await (await this.#getLead()).call('inventory', settings));
  }

  /**
   * What a run with these settings has to do.
   * @param {Settings} settings
   * @returns {Promise<Task[]>}
   */
  async tasks(settings) {
    return toPlain(await (await this.#getLead()).call('tasks', settings));
  }

  /**
   * What earlier runs left of the same comparison.
   * @param {Client} lead
   * @param {Settings} settings
   * @param {BackendInfo} backend
   * @param {boolean} fresh
   */
  async #openKept(lead, settings, backend, fresh) {
    if (!this.#keeps) return openKept(null);
    const generator = await lead.call('generator');
    const shortened = toPlain(await lead.call('shortened', settings));
    const key = await identifyRun(this.#input, settings, backend, generator, shortened).catch(
      () => null,
    );
    const kept = await openKept(key);
    if (fresh) await kept.forget();
    return kept;
  }

  /**
   * The report as a Blob of JSON; after `cancel()` that of the tensors finished so far. What an
   * earlier run has finished is not computed again, unless the run is to be `fresh`.
   * @param {Settings} settings
   * @param {RunOptions} options
   */
  async run(settings, options) {
    const { fresh = false, partial = true, onKept, onTasks, onAssemble, ...tell } = options;
    const began = performance.now();
    this.#cancelled = false;
    const lead = await this.#getLead();
    const tasks = await this.tasks(settings);
    /** @type {BackendInfo} */
    const backend = toPlain(await lead.call('backend', settings.backend));
    const kept = await this.#openKept(lead, settings, backend, fresh);
    const before = !fresh && this.#left?.settings === JSON.stringify(settings) ? this.#left : null;
    // All answers of a pack are taken, or none.
    const found = new Map([...kept.found, ...(before?.found ?? [])]);
    this.#left = null;
    const earlier = tasks.filter(({ name }) => found.has(name));
    const queue = tasks.filter(({ name }) => !found.has(name));
    backend.workers = backend.kind === 'gpu' ? 1 : countCpuWorkers(queue.length);
    const device = trackDevice(backend);
    tell.onBackend?.(backend);
    onKept?.({ kept: earlier.length, total: tasks.length });
    onTasks?.(
      tasks,
      earlier.map(({ name }) => name),
    );
    const answers = earlier.flatMap(({ name }) => found.get(name) ?? []);
    /** @type {Map<string, TaskAnswer>} */
    const own = new Map();
    const packs = new Packs();
    const track = trackProgress(queue, { kept: earlier });
    for (const task of earlier) {
      const answer = found.get(task.name);
      if (!answer) continue;
      tellTensor(tell, task, answer);
      packs.add(answer);
    }
    try {
      if (!this.#cancelled)
        await this.#analyzeAll({
          ...{ queue, settings, backend, device, kept, answers, packs, own, track },
          ...tell,
        });
    } finally {
      kept.close();
    }
    const left = { settings: JSON.stringify(settings), found: new Map([...found, ...own]) };
    if (this.#cancelled) this.#left = left;
    if (this.#cancelled && !partial) throw new DOMException('Cancelled.', 'AbortError');
    onAssemble?.();
    const timings = { total: (performance.now() - began) / 1000, stages: sumStages(answers) };
    const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    /** @type {Blob} */
    let report;
    try {
      const maker = await this.#getLead();
      const computed = device.describe(answers);
      report = await maker.call(
        'assemble',
        settings,
        computed,
        listTexts(answers),
        timings,
        created,
      );
    } catch (error) {
      this.#left = left;
      throw new Error(
        `The report could not be made: ${messageOf(error)} What was computed is kept: start ` +
          'again to make the report of it, or of fewer checkpoints or layers.',
        { cause: error },
      );
    }
    return { report, finished: answers.length, cancelled: this.#cancelled };
  }

  /** @param {Work} work */
  async #analyzeAll(work) {
    const { backend, track, onProgress, onRunning } = work;
    const tell = () => {
      onRunning?.(track.running());
      onProgress?.(track.state());
    };
    const timer = setInterval(tell, TELL_EVERY_MS);
    const open = [...work.queue];
    try {
      tell();
      const first = { client: this.#lead, kind: backend.kind };
      await this.#takeTasks(first, backend.workers, open, work);
      tell();
    } finally {
      clearInterval(timer);
      // Their memory is worth more than the milliseconds that a second run would save.
      this.#workers.filter((client) => client !== this.#lead).forEach((client) => client.end());
      this.#workers = this.#workers.filter((client) => !client.dead);
    }
  }

  /**
   * Takes tasks until none is open, or the run is cancelled, with so many workers. Where the CPU
   * takes over from a GPU, more join.
   * @param {Seat} first
   * @param {number} workers
   * @param {Task[]} open
   * @param {Work} work
   */
  async #takeTasks(first, workers, open, work) {
    const kind = work.device.kind();
    const others = Array.from({ length: workers - 1 }, () => ({ client: null, kind }));
    await Promise.all(
      [first, ...others].map(async (seat) => {
        for (let task = open.shift(); task && !this.#cancelled; task = open.shift()) {
          await this.#takeTask(seat, task, work);
          if (kind !== work.device.kind()) {
            const more = countCpuWorkers(open.length);
            work.backend.workers = Math.max(work.backend.workers, more);
            await this.#takeTasks(seat, more, open, work);
          }
        }
      }),
    );
  }

  /**
   * @param {Seat} seat
   * @param {Task} task
   * @param {Work} work
   */
  async #takeTask(seat, task, work) {
    const answer = await this.#analyze(seat, task, work);
    if (!answer) return;
    work.answers.push(answer);
    // What failed may do better another time.
    if (!answer.failed) {
      work.own.set(task.name, answer);
      work.kept.keep(task.name, answer);
    }
    work.track.finish(task);
    tellTensor(work, task, answer);
    work.packs.add(answer);
  }

  /**
   * Gives a seat a worker that computes with the run's device.
   * @param {Seat} seat
   * @param {BackendInfo['kind']} kind
   */
  async #seatWorker(seat, kind) {
    if (!seat.client || seat.client.dead) seat.client = await this.#startWorker(kind);
    else if (seat.kind !== kind) await chooseBackend(seat.client, kind);
    seat.kind = kind;
    return seat.client;
  }

  /**
   * One tensor, on the worker that has the seat or on a new one; null where the run was cancelled
   * meanwhile.
   * @param {Seat} seat
   * @param {Task} task
   * @param {Work} work
   * @returns {Promise<TaskAnswer | null>}
   */
  async #analyze(seat, task, { settings, device, answers, track, onBackend }) {
    for (let tries = 1; ;) {
      track.begin(task);
      const kind = device.kind();
      try {
        const client = await this.#seatWorker(seat, kind);
        const answer = await client.watch(
          (step) => track.step(task, step),
          'analyze',
          task.id,
          settings,
        );
        return device.take(answer, kind);
      } catch (error) {
        if (this.#cancelled) return null;
        if (kind === 'gpu' && isLoss(error)) {
          device.lose(messageOf(error));
          onBackend?.(device.describe(answers));
          continue;
        }
        const died = !seat.client || Boolean(seat.client.dead);
        /** @param {string} why */
        const fail = (why) =>
          answerFailure(this.#input.base ? task : { ...task, dtype_base: '' }, why);
        if (!died) return fail(messageOf(error));
        if (tries === MOST_TRIES)
          return fail(
            `its worker died, and so did the fresh one that tried it again: ${messageOf(error)}`,
          );
        tries += 1;
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

/**
 * The CSV of a report, from a worker of its own: also a report that was dropped has one.
 * @param {string | Blob} report
 * @returns {Promise<string>}
 */
export async function writeCsv(report) {
  const client = new Client(PLACES);
  try {
    return await client.call('csv', report);
  } finally {
    client.end();
  }
}
