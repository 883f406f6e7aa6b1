// How far a run is, from the tasks' costs: tensors differ by orders of magnitude, so counting them
// misleads.
import { sum } from '../report/means.js';

/** @import { Step } from './client.js' */

/**
 * A task.
 * @typedef {{ name: string, cost?: number, parameters?: number, bytes?: number }} Measured
 */

/** Before such a share, or so many tasks, too little is known about the rest. */
const FIRST_SHARE = 0.01;
const FIRST_TASKS = 10;

/** @param {Measured} task */
const cost = (task) => task.cost || task.parameters || 1;

/** @typedef {ReturnType<ReturnType<typeof trackProgress>['state']>} Progress */

/**
 * `kept`: tasks that were done before this run, which count as done but say nothing of its speed.
 * @param {Measured[]} tasks
 * @param {{ kept?: Measured[], now?: () => number }} [options]
 */
export function trackProgress(tasks, { kept = [], now = () => performance.now() } = {}) {
  const began = now();
  const total = Math.max(sum([...tasks, ...kept].map(cost)), Number.MIN_VALUE);
  const before = sum(kept.map(cost)) / total;
  /** @type {Map<Measured, Step>} */
  const doing = new Map();
  /** @type {Set<Measured>} */
  const done = new Set();
  /** @param {Measured} task */
  const share = (task) => (done.has(task) ? 1 : (doing.get(task)?.fraction ?? 0));
  return {
    /** @param {Measured} task */
    begin: (task) => doing.set(task, { fraction: 0, stage: 'reading' }),
    /**
     * @param {Measured} task
     * @param {Step} step
     */
    step: (task, { stage, fraction }) =>
      doing.set(task, { stage, fraction: Math.min(1, Math.max(0, fraction || 0)) }),
    /** @param {Measured} task */
    finish(task) {
      doing.delete(task);
      done.add(task);
    },
    /** What is being worked on, for a map of the run. */
    running: () => [...doing.keys()].map(({ name }) => name),
    /** The form that `window.gatescopeProgress` is told. */
    state() {
      const seconds = (now() - began) / 1000;
      const own = sum(tasks.map((task) => cost(task) * share(task))) / total;
      const read = sum(tasks.map((task) => (task.bytes || 0) * share(task)));
      const latest = [...doing].at(-1);
      const whole = done.size === tasks.length;
      return {
        done: kept.length + done.size,
        total: kept.length + tasks.length,
        tensor: latest?.[0].name ?? null,
        stage: latest?.[1].stage ?? null,
        fraction: whole ? 1 : before + own,
        seconds,
        bytes_per_second: seconds > 0 ? read / seconds : 0,
        seconds_left:
          own > 0 && (own >= FIRST_SHARE * (1 - before) || done.size >= FIRST_TASKS)
            ? (seconds * Math.max(0, 1 - before - own)) / own
            : null,
      };
    },
  };
}
