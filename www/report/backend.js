// What computed a report, in the words of a line of text.

/** @import { BackendInfo } from './model.js' */

/** @param {BackendInfo} backend */
export function describeBackend({ kind, adapter, detail, workers }) {
  const device =
    kind === 'gpu'
      ? `GPU${adapter ? ` (${adapter})` : ''}`
      : `CPU, ${workers} worker${workers === 1 ? '' : 's'}`;
  return `${device}${detail ? `: ${detail}` : ''}`;
}
