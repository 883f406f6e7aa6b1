// One comparison: one worker leads (headers, plan, backend, report), the others join for a run on
// the CPU.
import { trackDevice } from './device.js';
import { identifyRun } from './identity.js';
import { openKept } from './kept.js';
import { Packs, listTexts } from './packs.js';
import { PLACES } from './places.js';
import { trackProgress } from './progress.js';
import { countCpuWorkers, takeTasks } from './take-tasks.js';
import { Workers } from './workers.js';
import { messageOf } from '../report/message.js';

/** @import { BackendInfo, Settings } from '../report/model.js' */
/** @import { Input, Inventory, Results, Stages, Task, TaskAnswer } from './analyser.js' */
/** @import { Client } from './client.js' */
/** @import { Places } from './places.js' */
/** @import { Progress } from './progress.js' */
/** @import { Work } from './take-tasks.js' */

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

const TELL_EVERY_MS = 120;

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

export class Analysis {
  #input;
  #workers;
  #cancelled = false;
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
    this.#workers = new Workers(input, places);
    this.#keeps = keeps;
  }

  /**
   * @param {Settings} settings
   * @returns {Promise<Inventory>}
   */
  async inventory(settings) {
    return toPlain(await (await this.#workers.getLead()).call('inventory', settings));
  }

  /**
   * What a run with these settings has to do.
   * @param {Settings} settings
   * @returns {Promise<Task[]>}
   */
  async tasks(settings) {
    return toPlain(await (await this.#workers.getLead()).call('tasks', settings));
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
    const lead = await this.#workers.getLead();
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
    /** @type {Work['onAnswer']} */
    const onAnswer = (task, answer) => {
      answers.push(answer);
      // What failed may do better another time.
      if (!answer.failed) {
        own.set(task.name, answer);
        kept.keep(task.name, answer);
      }
      track.finish(task);
      tellTensor(tell, task, answer);
      packs.add(answer);
    };
    const work = {
      ...{ input: this.#input, workers: this.#workers, queue, settings, backend, device },
      ...{ answers, track, onAnswer, onBackend: tell.onBackend },
      isCancelled: () => this.#cancelled,
    };
    try {
      if (!this.#cancelled) await this.#analyzeAll(work, tell);
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
      const maker = await this.#workers.getLead();
      const computed = device.describe(answers);
      report = await maker.call(
        'assemble',
        settings,
        computed,
        listTexts(answers),
        timings,
        created,
        !this.#cancelled,
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

  /**
   * Takes all tasks, and tells how far they are.
   * @param {Work} work
   * @param {Pick<RunOptions, 'onProgress' | 'onRunning'>} told
   */
  async #analyzeAll(work, { onProgress, onRunning }) {
    const tell = () => {
      onRunning?.(work.track.running());
      onProgress?.(work.track.state());
    };
    const timer = setInterval(tell, TELL_EVERY_MS);
    try {
      tell();
      await takeTasks(work);
      tell();
    } finally {
      clearInterval(timer);
      this.#workers.endOthers();
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
    this.#workers.endAll('Cancelled before a tensor was finished.');
  }
}
