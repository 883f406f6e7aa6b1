// What can go wrong in a comparison, as one class of errors with codes.
import { messageOf } from '../report/message.js';

/** @import { Input } from '../engine/analyser.js' */

/**
 * - `argument`: what `analyze` was given is not what it takes.
 * - `file`: a file cannot be read as what it should be; `file` names it.
 * - `needs-base`: a tuned checkpoint cannot be read without its base.
 * - `worker-unavailable`: the worker's code could not be loaded.
 * - `analyser-unavailable`: the wasm could not be loaded, or the browser cannot run it.
 * - `worker-ended`: a worker died where no other could take its place.
 * - `failed`: everything else.
 * @typedef {'argument' | 'file' | 'needs-base' | 'worker-unavailable' | 'analyser-unavailable'
 *   | 'worker-ended' | 'failed'} ErrorCode
 */

/** @type {Record<string, ErrorCode>} */
const CODES = {
  NeedsBase: 'needs-base',
  WorkerUnavailable: 'worker-unavailable',
  AnalyserUnavailable: 'analyser-unavailable',
  WorkerEnded: 'worker-ended',
};

export class GatescopeError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {{ file?: string | null, cause?: unknown }} [options]
   */
  constructor(code, message, { file = null, cause } = {}) {
    super(message, { cause });
    this.name = 'GatescopeError';
    /** @readonly */
    this.code = code;
    /**
     * The name of the file or checkpoint that is at fault, where one is known.
     * @readonly
     */
    this.file = file;
  }
}

/**
 * The name of what an error is about. The analyser's messages begin with it.
 * @param {string} message
 * @param {Input} input
 */
function findCulprit(message, { base, tuned, fisher }) {
  const given = [base, ...tuned, fisher].flatMap((checkpoint) => checkpoint ?? []);
  return given
    .flatMap(({ name, files }) => [...files.map((file) => file.name), name])
    .filter((name) => name && message.startsWith(`${name}: `))
    .reduce((longest, name) => (name.length > longest.length ? name : longest), '');
}

/**
 * Whatever was thrown by the engine, with its code.
 * @param {unknown} error
 * @param {Input} input
 */
export function toGatescopeError(error, input) {
  if (error instanceof GatescopeError) return error;
  const message = messageOf(error);
  const known = error instanceof Error ? CODES[error.name] : undefined;
  const file = findCulprit(message, input) || null;
  return new GatescopeError(known ?? (file ? 'file' : 'failed'), message, { file, cause: error });
}
