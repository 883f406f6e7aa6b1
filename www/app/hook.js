// window.gatescope: the page for scripts. It offers what a person can do, nothing more.
import { writeCsv } from '../engine/write-csv.js';
import { inspectForScripts, run } from './actions.js';
import { settled } from './intake.js';
import { findOutcome } from '../report/outcome.js';
import { addTuned, setSettings, store } from './state.js';

/** @import { Settings } from '../report/model.js' */

export function installHook() {
  window.gatescope = {
    ready: Promise.resolve(true),
    /** A slot for a tuned checkpoint of this name; returns the selector of its file input. */
    addTuned: (name) => `#tuned-input-${addTuned(name).id}`,
    /**
     * A slot for the base's diagonal Fisher under this name; returns the selector of its file
     * input.
     */
    addFisher(name) {
      store.set({ fisher: { name, files: null } });
      return '#fisher-input';
    },
    async inspect() {
      await settled();
      // What was refused has left its place empty, which would be told as a lack of files.
      const { problem } = store.state;
      if (problem) throw new Error(problem);
      return inspectForScripts();
    },
    /** The report as JSON text. A setting that is left out keeps its value. */
    run: async (settings = {}) => (await compute(settings)).blob.text(),
    compute,
    csv: (report) => writeCsv(report),
  };
}

/**
 * The report as a Blob, which may be longer than a text can be, and how its runs went. A setting
 * that is left out keeps its value.
 * @param {Partial<Settings>} settings
 */
async function compute(settings = {}) {
  await settled();
  const given = Object.entries(settings).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  setSettings(/** @type {Partial<Settings>} */ (Object.fromEntries(given)));
  const { blob, report } = await run();
  return { blob, outcomes: (report?.runs ?? []).map(findOutcome) };
}
