// Takes the tasks of a run until none is open: each on a worker, which is replaced where it dies,
// with the device that the run has left.
import { isLoss } from './device.js';
import { answerFailure } from './failed.js';
import { chooseBackend } from './workers.js';
import { messageOf } from '../report/message.js';

/** @import { BackendInfo, Settings } from '../report/model.js' */
/** @import { Input, Task, TaskAnswer } from './analyser.js' */
/** @import { Client } from './client.js' */
/** @import { trackDevice } from './device.js' */
/** @import { trackProgress } from './progress.js' */
/** @import { Workers } from './workers.js' */

/**
 * What the workers of a run share.
 * @typedef {object} Work
 * @property {Input} input
 * @property {Workers} workers
 * @property {Task[]} queue
 * @property {Settings} settings
 * @property {BackendInfo} backend The one that was chosen.
 * @property {ReturnType<typeof trackDevice>} device
 * @property {TaskAnswer[]} answers
 * @property {ReturnType<typeof trackProgress>} track
 * @property {() => boolean} isCancelled
 * @property {(task: Task, answer: TaskAnswer) => void} onAnswer
 * @property {(backend: BackendInfo) => void} [onBackend]
 */

/**
 * A place for a worker: one that died is replaced. `kind`: the device that it computes with.
 * @typedef {{ client: Client | null, kind: BackendInfo['kind'] }} Seat
 */

const MOST_WORKERS = 8;
/** The most tasks that all workers together keep, since each plans them all for itself. */
const MOST_COPIES = 400_000;
/**
 * A tensor whose worker dies is tried again on a fresh one, which has no memory of what came
 * before.
 */
const MOST_TRIES = 2;

/** @param {number} tasks */
export const countCpuWorkers = (tasks) =>
  Math.max(
    1,
    Math.min(
      navigator.hardwareConcurrency || 1,
      MOST_WORKERS,
      tasks,
      Math.floor(MOST_COPIES / Math.max(1, tasks)),
    ),
  );

/**
 * Gives a seat a worker that computes with the run's device.
 * @param {Workers} workers
 * @param {Seat} seat
 * @param {BackendInfo['kind']} kind
 */
async function seatWorker(workers, seat, kind) {
  if (!seat.client || seat.client.dead) seat.client = await workers.start(kind);
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
async function analyze(seat, task, work) {
  const { input, workers, settings, device, answers, track, onBackend } = work;
  /** @param {string} why */
  const fail = (why) => answerFailure(input.base ? task : { ...task, dtype_base: '' }, why);
  for (let tries = 1; ;) {
    track.begin(task);
    const kind = device.kind();
    try {
      const client = await seatWorker(workers, seat, kind);
      const answer = await client.watch(
        (step) => track.step(task, step),
        'analyze',
        task.id,
        settings,
      );
      return device.take(answer, kind);
    } catch (error) {
      if (work.isCancelled()) return null;
      if (kind === 'gpu' && isLoss(error)) {
        device.lose(messageOf(error));
        onBackend?.(device.describe(answers));
        continue;
      }
      const died = !seat.client || Boolean(seat.client.dead);
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
 * Takes tasks until none is open, or the run is cancelled, with so many workers. Where the CPU
 * takes over from a GPU, more join.
 * @param {Seat} first
 * @param {number} workers
 * @param {Task[]} open
 * @param {Work} work
 */
async function takeOpen(first, workers, open, work) {
  const kind = work.device.kind();
  const others = Array.from({ length: workers - 1 }, () => ({ client: null, kind }));
  await Promise.all(
    [first, ...others].map(async (seat) => {
      for (let task = open.shift(); task && !work.isCancelled(); task = open.shift()) {
        const answer = await analyze(seat, task, work);
        if (answer) work.onAnswer(task, answer);
        if (kind !== work.device.kind()) {
          const more = countCpuWorkers(open.length);
          work.backend.workers = Math.max(work.backend.workers, more);
          await takeOpen(seat, more, open, work);
        }
      }
    }),
  );
}

/**
 * Takes all tasks of the queue, the lead among the workers.
 * @param {Work} work
 */
export function takeTasks(work) {
  const { workers, queue, backend } = work;
  return takeOpen({ client: workers.lead, kind: backend.kind }, backend.workers, [...queue], work);
}
