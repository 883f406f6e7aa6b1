// How far a run is, from the tasks' costs: tensors differ by orders of magnitude, so counting them
// misleads.

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);

/**
 * `kept`: tasks that were done before this run, which count as done but say nothing of its speed.
 */
export function tracker(tasks, { kept = [], now = () => performance.now() } = {}) {
  const began = now();
  const cost = (task) => task.cost || task.parameters || 1;
  const total = Math.max(sum(tasks, cost) + sum(kept, cost), Number.MIN_VALUE);
  const before = sum(kept, cost) / total;
  const doing = new Map();
  const done = new Set();
  const share = (task) => (done.has(task) ? 1 : (doing.get(task)?.fraction ?? 0));
  return {
    begin: (task) => doing.set(task, { fraction: 0, stage: 'reading' }),
    step: (task, { stage, fraction }) =>
      doing.set(task, { stage, fraction: Math.min(1, Math.max(0, fraction || 0)) }),
    finish(task) {
      doing.delete(task);
      done.add(task);
    },
    /** The shape that `window.gatescopeProgress` is told. */
    state() {
      const seconds = (now() - began) / 1000;
      const own = sum(tasks, (task) => cost(task) * share(task)) / total;
      const read = sum(tasks, (task) => (task.bytes || 0) * share(task));
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
        // The first per cent says too little about the rest.
        seconds_left:
          own >= 0.01 * (1 - before) ? (seconds * Math.max(0, 1 - before - own)) / own : null,
      };
    },
  };
}
