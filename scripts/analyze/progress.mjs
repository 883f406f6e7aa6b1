// Progress on one line of stderr: rewritten in place on a terminal, now and then a line where it is
// a log.
const LOG_EVERY_MS = 10_000;

/** @param {number} seconds */
const time = (seconds) =>
  seconds >= 90 ? `${Math.round(seconds / 60)} min` : `${Math.ceil(seconds)} s`;

/**
 * @typedef {object} Progress
 * @property {number} done tasks
 * @property {number} total tasks
 * @property {string} [tensor] at work
 * @property {number} [fraction] of the work
 * @property {number} [bytes_per_second]
 * @property {number} [seconds_left]
 *
 * @param {Progress} progress
 */
function line({ done, total, tensor, fraction, bytes_per_second: rate, seconds_left: left }) {
  const parts = [`${Math.floor((fraction ?? done / total) * 100)} %`, `${done}/${total}`];
  if (rate) parts.push(`${(rate / 1e6).toFixed(0)} MB/s`);
  if (left !== undefined && Number.isFinite(left)) parts.push(`${time(left)} left`);
  if (tensor) parts.push(tensor);
  return parts.join('  ');
}

export function progressLine(stream = process.stderr) {
  let last = 0;
  return {
    /** @param {Progress} state */
    update(state) {
      if (stream.isTTY)
        return stream.write(`\r\x1b[K${line(state).slice(0, (stream.columns ?? 80) - 1)}`);
      if (Date.now() - last < LOG_EVERY_MS) return false;
      last = Date.now();
      return stream.write(`${line(state)}\n`);
    },
    end() {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}
