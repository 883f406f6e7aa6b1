// The comparison without the page: files in, tensors as they are finished, then the report.
import { Analysis } from '../engine/analysis.js';
import { PLACES } from '../engine/places.js';
import { GatescopeError, toGatescopeError } from './errors.js';
import { Feed } from './feed.js';
import { readInput } from './input.js';
import { readSettings } from './settings.js';

/** @import { Input, Results } from '../engine/analyser.js' */
/** @import { Settings as AllSettings } from '../report/model.js' */

/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./events.d.ts').AnalyzeOptions} AnalyzeOptions */
/** @typedef {import('./events.d.ts').Checkpoint} Checkpoint */
/** @typedef {import('./events.d.ts').CheckpointFile} CheckpointFile */
/** @typedef {import('./events.d.ts').ComparisonEvent} ComparisonEvent */
/** @typedef {import('./events.d.ts').ProgressEvent} ProgressEvent */
/** @typedef {import('./events.d.ts').Report} Report */
/** @typedef {import('./events.d.ts').ReportEvent} ReportEvent */
/** @typedef {import('./events.d.ts').Settings} Settings */
/** @typedef {import('./events.d.ts').TensorEvent} TensorEvent */
/** @typedef {import('./events.d.ts').TensorReport} TensorReport */

export { GatescopeError };

/** @typedef {{ report: Report, text: string }} Finished */

/**
 * @param {Blob} blob
 * @returns {Promise<Finished>}
 */
async function open(blob) {
  const text = await blob.text();
  return { report: JSON.parse(text), text };
}

const aborted = () => new DOMException('The comparison was cancelled.', 'AbortError');

/**
 * A comparison under way. Reading its events in a loop and waiting for its report are two ways to
 * the same; a loop sees the events from when it begins, and leaving it early cancels.
 * @implements {AsyncIterable<ComparisonEvent>}
 */
export class Comparison {
  /** @type {Set<Feed>} */
  #feeds = new Set();
  #analysis;
  #input;
  #cancel = /** @type {(reason: unknown) => void} */ (() => {});
  #settled = false;
  /**
   * The report; rejects with a `GatescopeError`, or with the reason of the signal.
   * @type {Promise<Report>}
   * @readonly
   */
  report;
  /**
   * The report of what was finished when the comparison was cancelled; null where there is none,
   * where it ended by itself, or where `partial` was not asked for.
   * @type {Promise<Finished | null>}
   * @readonly
   */
  partial;

  /**
   * @param {Input} input
   * @param {AllSettings} settings
   * @param {Omit<AnalyzeOptions, 'base' | 'tuned' | 'fisher' | 'settings'>} options
   * @internal
   */
  constructor(input, settings, options) {
    const { signal, workerUrl, wasmUrl, resume = false, partial = false } = options;
    const places = {
      workerUrl: String(workerUrl ?? PLACES.workerUrl),
      wasmUrl: String(wasmUrl ?? PLACES.wasmUrl),
    };
    this.#input = input;
    this.#analysis = new Analysis(input, { places, keeps: resume });
    /** @type {Promise<never>} */
    const cancelled = new Promise((_, reject) => {
      this.#cancel = reject;
    });
    const stop = () => this.#cancel(signal?.reason ?? aborted());
    signal?.addEventListener('abort', stop, { once: true });
    const computed = signal?.aborted
      ? Promise.reject(signal.reason)
      : this.#compute(settings, partial);
    const won = Promise.race([computed.then((run) => open(run.report)), cancelled]);
    this.report = won.then(
      (finished) => {
        this.#tell({ type: 'report', ...finished });
        this.#end();
        return finished.report;
      },
      (error) => {
        this.#end(error);
        throw error;
      },
    );
    // Who reads the events is told there.
    this.report.catch(() => {});
    cancelled.catch(() => this.#analysis.cancel());
    this.partial = computed
      .then(
        (run) => (run.cancelled && run.finished ? open(run.report) : null),
        () => null,
      )
      .finally(() => {
        signal?.removeEventListener('abort', stop);
        this.#analysis.close();
      });
  }

  /** The events from now on: of progress, of each finished tensor, at last of the report. */
  [Symbol.asyncIterator]() {
    const feed = new Feed();
    this.#feeds.add(feed);
    if (this.#settled)
      this.report.then(
        () => feed.end(),
        (error) => feed.end(error),
      );
    return feed.read(() => {
      this.#feeds.delete(feed);
      if (!this.#settled) this.#cancel(aborted());
    });
  }

  /**
   * @param {AllSettings} settings
   * @param {boolean} partial
   */
  async #compute(settings, partial) {
    try {
      return await this.#analysis.run(settings, {
        partial,
        onProgress: (progress) => this.#tell({ type: 'progress', ...progress }),
        onTensor: (_, results) => this.#tellTensors(results),
      });
    } catch (error) {
      throw toGatescopeError(error, this.#input);
    }
  }

  /** @param {Results} results */
  #tellTensors({ tensors }) {
    for (const [run, tensor] of tensors) this.#tell({ type: 'tensor', run, tensor });
  }

  /** @param {ComparisonEvent} event */
  #tell(event) {
    this.#feeds.forEach((feed) => feed.push(event));
  }

  /** @param {unknown} [error] */
  #end(error) {
    this.#settled = true;
    this.#feeds.forEach((feed) => feed.end(error));
  }
}

/**
 * Compares a base checkpoint with tuned ones, in workers of this page. Nothing is uploaded. What is
 * wrong with the arguments is thrown at once, as a `GatescopeError` with the code `argument`.
 * @param {AnalyzeOptions} options
 */
export function analyze({ base, tuned, fisher, settings = {}, ...options }) {
  return new Comparison(readInput({ base, tuned, fisher }), readSettings(settings), options);
}
