// A run under way as the page shows it: which tensors are finished, and a few first values, each of
// one tensor.

/** @import { Results, Task } from '../engine/analyser.js' */

/**
 * What a finished tensor tells at once.
 * @typedef {object} FirstValue
 * @property {string} name
 * @property {number} run The place of the run.
 * @property {number | null} unchanged The share unchanged in bf16.
 * @property {number | null} update The relative update.
 */

/**
 * @typedef {object} Live
 * @property {Task[]} tasks
 * @property {Set<string>} finished Names.
 * @property {Set<string>} running Names.
 * @property {FirstValue[]} latest Of the tensors that were finished last, the latest first.
 */

const MOST_VALUES = 6;

/**
 * @param {Task[]} tasks
 * @param {string[]} kept
 * @returns {Live}
 */
export const beginLive = (tasks, kept) => ({
  tasks,
  finished: new Set(kept),
  running: new Set(),
  latest: [],
});

/**
 * @param {Live} live
 * @param {string[]} running
 * @returns {Live}
 */
export const markRunning = (live, running) => ({ ...live, running: new Set(running) });

/**
 * With one more tensor finished.
 * @param {Live} live
 * @param {Task} task
 * @param {Results['tensors']} tensors
 * @returns {Live}
 */
export function addFinished(live, task, tensors) {
  live.finished.add(task.name);
  const values = tensors.flatMap(([run, { name, status, precision, update }]) =>
    status === 'failed'
      ? []
      : [
          {
            name,
            run,
            unchanged: precision?.sparsity_bf16 ?? null,
            update: update?.relative_update ?? null,
          },
        ],
  );
  return { ...live, latest: [...values, ...live.latest].slice(0, MOST_VALUES) };
}
