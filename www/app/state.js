// What the page knows, and who wants to hear of a change.

export const DEFAULTS = {
  k: 64,
  alphas: [0.1],
  eta: 1e-3,
  abs_tolerance: 1e-5,
  exact_limit: 512,
  layers: null,
  seed: 7,
  backend: 'auto',
  map_side: 64,
  span: null,
  function_preserving: true,
};

export function createStore(initial) {
  const state = { ...initial };
  const watchers = [];
  return {
    state,
    set(patch) {
      const changed = Object.keys(patch).filter((key) => state[key] !== patch[key]);
      Object.assign(state, patch);
      for (const { keys, react } of watchers)
        if (changed.some((key) => keys.includes(key))) react(state);
    },
    /** Calls `react(state)` now and whenever one of `keys` changes. */
    watch(keys, react) {
      watchers.push({ keys, react });
      react(state);
    },
  };
}

export const store = createStore({
  /** Sparse deltas can do without: null then. */
  base: null,
  /**
   * Why what was given needs a base, in the analyser's words; said quietly, since the base may be
   * about to come.
   */
  needsBase: null,
  /** A diagonal Fisher of the base: { name, files }; optional. */
  fisher: null,
  tuned: [{ id: 1, name: '', files: null }],
  settings: { ...DEFAULTS },
  phase: 'start',
  inventory: null,
  problem: null,
  backend: null,
  progress: null,
  report: null,
  reportText: null,
  /** Of the run that is on or shown: { kept, total } tensors. */
  kept: null,
  run: 0,
  alpha: 0,
  metric: 'sparsity_bf16',
  tensor: null,
  filter: '',
  sort: { id: 'order', descending: false },
});

let lastSlot = 1;

/**
 * The name for a slot: `wanted`, or `tuned` where there is none, with a number where another slot
 * has it.
 */
function ownName(wanted, id) {
  const taken = new Set(store.state.tuned.filter((slot) => slot.id !== id).map(({ name }) => name));
  const name = wanted || 'tuned';
  let number = 2;
  while (taken.has(`${name} (${number})`)) number += 1;
  return taken.has(name) ? `${name} (${number})` : name;
}

/** A slot for one more tuned checkpoint; a free one is taken before a new one is made. */
export function addTuned(name = '', files = null) {
  const { tuned } = store.state;
  const free = tuned.find((slot) => !slot.files && !slot.name);
  const id = free?.id ?? ++lastSlot;
  const slot = { id, name: files ? ownName(name, id) : name, files, named: name !== '' && !files };
  store.set({ tuned: free ? tuned.map((one) => (one === free ? slot : one)) : [...tuned, slot] });
  return slot;
}

export function fillTuned(id, { name, files }) {
  const own = ownName(name, id);
  store.set({
    tuned: store.state.tuned.map((slot) =>
      slot.id === id ? { ...slot, files, name: slot.named ? slot.name : own } : slot,
    ),
  });
}

/** Forgets a tuned checkpoint; one empty slot always stays. */
export function removeTuned(id) {
  const rest = store.state.tuned.filter((slot) => slot.id !== id);
  store.set({ tuned: rest.length ? rest : [{ id: ++lastSlot, name: '', files: null }] });
}

/**
 * What a session is opened with, or null while there is no tuned checkpoint. Whether it can do
 * without a base is for the analyser to say.
 */
export function input() {
  const { base, tuned, fisher } = store.state;
  const given = tuned.filter((slot) => slot.files);
  if (!given.length) return null;
  return {
    base,
    tuned: given.map(({ name, files }) => ({ name, files })),
    ...(fisher?.files && { fisher: { name: fisher.name, files: fisher.files } }),
  };
}
