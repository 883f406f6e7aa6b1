// window.gatescope: the page for scripts. What it offers is what a person can do, nothing more.
import { addTuned, store } from './state.js';
import { inspectForScripts, run } from './actions.js';
import { csvOf } from '../engine/pool.js';

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
    inspect: () => inspectForScripts(),
    /** The report as JSON text. What `settings` leaves out keeps its value. */
    run(settings = {}) {
      const given = Object.entries(settings).filter(
        ([, value]) => value !== undefined && value !== null,
      );
      store.set({ settings: { ...store.state.settings, ...Object.fromEntries(given) } });
      return run();
    },
    csv: (text) => csvOf(text),
  };
}
