// What the page knows, and who wants to hear of a change.
import { DEFAULTS } from '../report/settings.js';
import { recallSettings, rememberSettings } from './remembered.js';

/** @import { BackendInfo, Report, Settings } from '../report/model.js' */
/** @import { Input, Inventory } from '../engine/analyser.js' */

/** @typedef {import('../engine/analyser.js').Files} Files A checkpoint. */
/** @typedef {import('../engine/analyser.js').FoundRun} FoundRun */
/** @typedef {import('../engine/analyser.js').Estimate} Estimate */

/**
 * A place for a tuned checkpoint; `files` is null while it is free. `named`: whether a script gave
 * the name, which files then leave as it is.
 * @typedef {{ id: number, name: string, files: Files['files'] | null, named?: boolean }} Slot
 */

/** @typedef {import('../engine/recent.js').Recent} Recent A report that the browser keeps. */
/** @typedef {import('../engine/progress.js').Progress} Progress */
/** @typedef {import('./live.js').Live} Live */

/**
 * @typedef {object} State
 * @property {Files | null} base Sparse deltas do not need one.
 * @property {'named' | 'origin' | 'first' | null} baseGuess Why the page took a checkpoint for the
 * base; null where the user said so.
 * @property {boolean} fromSample Whether the checkpoints are those that come with the page.
 * @property {string | null} needsBase Why what was given needs a base, in the analyser's words. It
 * is said quietly, since the base may be about to come.
 * @property {{ name: string, files: Files['files'] | null } | null} fisher A diagonal Fisher of the
 * base; optional.
 * @property {Slot[]} tuned
 * @property {Settings} settings The user's own.
 * @property {Record<string, string>} invalid What is wrong with a field's text, by the field's id.
 * Such a text is not a setting yet, and no run starts before it is mended.
 * @property {'start' | 'reading' | 'found' | 'loading' | 'running' | 'done'} phase
 * @property {Inventory | null} inventory
 * @property {number[] | null} sides The shorter sides of the matrices that are compared.
 * @property {string[]} identical Sentences on checkpoints that look the same.
 * @property {string | null} problem
 * @property {string[]} notes What the page did with what was given last, and what it left out.
 * @property {BackendInfo | null} backend
 * @property {Progress | null} progress
 * @property {boolean} assembling Whether all tensors are finished and the report is being made.
 * @property {Live | null} live What is finished of the run under way.
 * @property {Report | null} report
 * @property {'brought' | 'computed' | null} sampleShown Whether the report is the sample's, brought
 * by the build or computed here.
 * @property {boolean} resumable Whether the report is of a cancelled run that can go on.
 * @property {Recent[]} recent The reports that the browser keeps, the latest first.
 * @property {number} keptRuns Of how many runs the browser keeps finished tensors.
 * @property {{ kept: number, total: number } | null} kept Tensors of the run under way or shown
 * that an earlier one left.
 * @property {number[]} runs The places of the runs that are shown, in order; never empty.
 * @property {number} run The place of the run in focus, one of `runs`.
 * @property {number} alpha The place of the α that is shown.
 * @property {string} metric
 * @property {string | null} tensor The tensor that is open.
 * @property {'one' | 'multiples' | 'difference'} arrangement Of the heatmap.
 * @property {number | undefined} against The place of the run that a difference is from.
 * @property {'matrices' | 'vectors' | 'experts'} part The tensors that the heatmap is about.
 * @property {string} filter
 * @property {string} tab The open one of the tabs below.
 * @property {{ id: string, descending: boolean }} sort
 */

/**
 * @template {object} T
 * @param {T} initial
 */
export function createStore(initial) {
  const state = { ...initial };
  /** @type {{ keys: (keyof T)[], react: (state: T) => unknown }[]} */
  const watchers = [];
  return {
    state,
    /** @param {Partial<T>} patch */
    set(patch) {
      const keys = /** @type {(keyof T)[]} */ (Object.keys(patch));
      const changed = keys.filter((key) => state[key] !== patch[key]);
      Object.assign(state, patch);
      for (const watcher of watchers)
        if (changed.some((key) => watcher.keys.includes(key))) watcher.react(state);
    },
    /**
     * Calls `react(state)` now and whenever one of `keys` changes.
     * @param {(keyof T)[]} keys
     * @param {(state: T) => unknown} react
     */
    watch(keys, react) {
      watchers.push({ keys, react });
      react(state);
    },
  };
}

/** @type {State} */
const initial = {
  base: null,
  baseGuess: null,
  fromSample: false,
  needsBase: null,
  fisher: null,
  tuned: [{ id: 1, name: '', files: null }],
  settings: recallSettings(),
  invalid: {},
  phase: 'start',
  inventory: null,
  sides: null,
  identical: [],
  problem: null,
  notes: [],
  backend: null,
  progress: null,
  assembling: false,
  live: null,
  report: null,
  sampleShown: null,
  resumable: false,
  recent: [],
  keptRuns: 0,
  kept: null,
  runs: [0],
  run: 0,
  alpha: 0,
  metric: 'off_principal_share',
  tensor: null,
  arrangement: 'one',
  against: undefined,
  part: 'matrices',
  filter: '',
  tab: 'tensors',
  sort: { id: 'order', descending: false },
};

export const store = createStore(initial);

/**
 * Changes some of the user's settings.
 * @param {Partial<Settings>} patch
 */
export const setSettings = (patch) =>
  store.set({ settings: { ...store.state.settings, ...patch } });

/**
 * Changes settings by the user's own hand: they are remembered for the next visit.
 * @param {Partial<Settings>} patch
 */
export function chooseSettings(patch) {
  setSettings(patch);
  rememberSettings(store.state.settings);
}

/**
 * Notes what is wrong with the text of a field, or that nothing is.
 * @param {string} id
 * @param {string | null} problem
 */
export function setInvalid(id, problem) {
  const { [id]: _, ...others } = store.state.invalid;
  store.set({ invalid: problem === null ? others : { ...others, [id]: problem } });
}

/** The defaults again, whatever was typed. */
export function resetSettings() {
  store.set({ settings: { ...DEFAULTS }, invalid: {} });
  rememberSettings(store.state.settings);
}

let lastSlot = 1;

/**
 * The name for a slot: `wanted`, or `tuned` where there is none, with a number where another slot
 * has it.
 * @param {string} wanted
 * @param {number} id
 */
export function makeUnique(wanted, id) {
  const taken = new Set(store.state.tuned.filter((slot) => slot.id !== id).map(({ name }) => name));
  const name = wanted || 'tuned';
  let number = 2;
  while (taken.has(`${name} (${number})`)) number += 1;
  return taken.has(name) ? `${name} (${number})` : name;
}

/**
 * A slot for one more tuned checkpoint; a free one is taken before a new one is made.
 * @param {string} name
 * @param {Files['files'] | null} files
 */
export function addTuned(name = '', files = null) {
  const { tuned } = store.state;
  const free = tuned.find((slot) => !slot.files && !slot.name);
  const id = free?.id ?? ++lastSlot;
  const named = name !== '' && !files;
  const slot = { id, name: files ? makeUnique(name, id) : name, files, named };
  store.set({ tuned: free ? tuned.map((old) => (old === free ? slot : old)) : [...tuned, slot] });
  return slot;
}

/**
 * Puts files into a slot.
 * @param {number} id
 * @param {Files} checkpoint
 */
export function fillTuned(id, { name, files }) {
  const unique = makeUnique(name, id);
  store.set({
    tuned: store.state.tuned.map((slot) =>
      slot.id === id ? { ...slot, files, name: slot.named ? slot.name : unique } : slot,
    ),
  });
}

/**
 * Forgets a tuned checkpoint; one empty slot always stays.
 * @param {number} id
 */
export function removeTuned(id) {
  const rest = store.state.tuned.filter((slot) => slot.id !== id);
  store.set({ tuned: rest.length ? rest : [{ id: ++lastSlot, name: '', files: null }] });
}

/**
 * What a session is opened with, or null while there is no tuned checkpoint. Whether it can do
 * without a base is for the analyser to say.
 * @returns {Input | null}
 */
export function currentInput() {
  const { base, tuned, fisher } = store.state;
  const filled = tuned.flatMap(({ name, files }) => (files ? [{ name, files }] : []));
  if (!filled.length) return null;
  return {
    base,
    tuned: filled,
    ...(fisher?.files && { fisher: { name: fisher.name, files: fisher.files } }),
  };
}
