// The events of a comparison for one reader, who may be slower than it.

/** @import { ComparisonEvent } from './events.d.ts' */

export class Feed {
  /** @type {ComparisonEvent[]} */
  #events = [];
  /** @type {{ error: unknown } | null} */
  #end = null;
  #wake = () => {};

  /**
   * Of progress that was not read yet only the latest is kept.
   * @param {ComparisonEvent} event
   */
  push(event) {
    if (this.#end) return;
    if (event.type === 'progress' && this.#events.at(-1)?.type === 'progress') this.#events.pop();
    this.#events.push(event);
    this.#wake();
  }

  /**
   * No event comes any more. An error is told at once, ahead of events that were not read.
   * @param {unknown} [error]
   */
  end(error = null) {
    if (error !== null) this.#events = [];
    this.#end = { error };
    this.#wake();
  }

  /**
   * The events in order; `leave` is called when the reader wants no more of them.
   * @param {() => void} leave
   * @returns {AsyncGenerator<ComparisonEvent, void, undefined>}
   */
  async *read(leave) {
    try {
      for (;;) {
        for (let event = this.#events.shift(); event; event = this.#events.shift()) yield event;
        if (this.#end?.error) throw this.#end.error;
        if (this.#end) return;
        await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      leave();
    }
  }
}
