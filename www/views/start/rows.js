// The checkpoints that were given, one row each: the base first, then the tuned in their order.
import { REASONS, moveTuned, rename, useAsBase } from '../../app/roles.js';
import { addTuned, removeTuned, store } from '../../app/state.js';
import { h } from '../../dom/elements.js';
import { checkpointRow } from './row.js';

/** @import { State } from '../../app/state.js' */

/**
 * A radio button that makes a checkpoint the base.
 * @param {() => void} choose
 */
function baseChoice(choose) {
  const radio = h('input', { type: 'radio', name: 'base-checkpoint', onchange: choose });
  return { radio, label: h('label', { class: 'base-choice' }, radio, 'base') };
}

/** @param {State} state */
const saysGuess = ({ base, baseGuess, tuned }) =>
  base &&
  baseGuess &&
  `A guess: ${REASONS[baseGuess]}.` +
    `${tuned.some(({ files }) => files) ? ' Choose another with its button “base”.' : ''}`;

export function baseRow() {
  const { radio, label } = baseChoice(() => store.set({ baseGuess: null }));
  const row = checkpointRow({
    role: 'base',
    id: 'base-input',
    title: 'Base checkpoint',
    hint: 'Drop the base model’s folder or its files of weights. Not needed for sparse deltas.',
    onremove: () => {
      store.set({ base: null, baseGuess: null });
      focusIn('[data-role="base"]');
    },
    onrename: (name) => rename('base', name),
    lead: label,
  });
  store.watch(['base', 'baseGuess', 'needsBase', 'tuned'], (state) => {
    const { base, needsBase } = state;
    label.hidden = !base;
    radio.checked = Boolean(base);
    radio.setAttribute('aria-label', `${base?.name ?? ''} is the base`);
    row.show(
      base?.name,
      base?.files,
      Boolean(base),
      base ? saysGuess(state) : needsBase && `${needsBase}.`,
    );
  });
  return row.box;
}

/** @param {string} selector Of a row: its first button that is shown gets the focus. */
function focusIn(selector) {
  const buttons = document.querySelectorAll(`${selector} .zone-buttons button`);
  const shown = [...buttons].find((button) => !(/** @type {HTMLElement} */ (button).hidden));
  /** @type {HTMLElement | undefined} */ (shown)?.focus();
}

/**
 * A row for a slot; it stays as long as the slot does: an input that a script has found must stay
 * in the page.
 * @param {number} id
 */
function makeTunedRow(id) {
  const { radio, label } = baseChoice(() => {
    useAsBase(id);
    /** @type {HTMLElement | null} */ (
      document.querySelector('[data-role="base"] .base-choice input')
    )?.focus();
  });
  /** @param {-1 | 1} by @param {string} text */
  const mover = (by, text) =>
    h('button', { type: 'button', class: 'small', onclick: () => moveTuned(id, by) }, text);
  const [up, down] = [mover(-1, '↑'), mover(1, '↓')];
  const row = checkpointRow({
    role: id,
    id: `tuned-input-${id}`,
    title: 'Tuned checkpoint',
    hint: 'One folder = one run. Full checkpoints, LoRA adapters (PEFT) or sparse deltas.',
    onremove: () => {
      const { tuned } = store.state;
      const at = tuned.findIndex((slot) => slot.id === id);
      removeTuned(id);
      const rest = store.state.tuned;
      focusIn(`[data-role="${rest[Math.min(at, rest.length - 1)].id}"]`);
    },
    onrename: (name) => rename(id, name),
    lead: label,
    tools: [up, down],
  });
  return {
    ...row,
    /** @param {State} state @param {number} place */
    update({ tuned }, place) {
      const { name, files } = tuned[place];
      row.setTitle(place === 0 ? 'Tuned checkpoint' : `Tuned checkpoint ${place + 1}`);
      label.hidden = !files;
      radio.checked = false;
      radio.setAttribute('aria-label', `Use ${name} as the base`);
      up.hidden = !files || tuned.length < 2;
      down.hidden = up.hidden;
      // A button that cannot do anything keeps the focus: it is told, not taken away.
      up.setAttribute('aria-disabled', String(place === 0));
      down.setAttribute('aria-disabled', String(place === tuned.length - 1));
      up.setAttribute('aria-label', `Move ${name} up`);
      down.setAttribute('aria-label', `Move ${name} down`);
      row.show(name, files, Boolean(files) || tuned.length > 1);
    },
  };
}

export function tunedRows() {
  const list = h('div', { class: 'tuned' });
  /** @type {Map<number, ReturnType<typeof makeTunedRow>>} */
  const rows = new Map();
  store.watch(['tuned'], (state) => {
    const { tuned } = state;
    for (const [id, { box }] of rows)
      if (!tuned.some((slot) => slot.id === id)) {
        box.remove();
        rows.delete(id);
      }
    const active = list.contains(document.activeElement) ? document.activeElement : null;
    tuned.forEach((slot, place) => {
      const row = rows.get(slot.id) ?? makeTunedRow(slot.id);
      rows.set(slot.id, row);
      if (list.children[place] !== row.box)
        list.insertBefore(row.box, list.children[place] ?? null);
      row.update(state, place);
    });
    // A row that was moved has lost the focus.
    if (active?.isConnected && document.activeElement !== active)
      /** @type {HTMLElement} */ (active).focus();
  });
  return list;
}

/** One for all runs: it belongs to the base. */
export function fisherRow() {
  const row = checkpointRow({
    role: 'fisher',
    id: 'fisher-input',
    title: 'Importance weights',
    hint:
      'Diagonal Fisher or Adam exp_avg_sq in safetensors, same tensor names and shapes as the ' +
      'base, entries of 0 or more.',
    onremove: () => {
      store.set({ fisher: null });
      focusIn('[data-role="fisher"]');
    },
  });
  row.box.classList.add('fisher');
  const fold = h(
    'details',
    { class: 'optional' },
    h('summary', {}, 'Optional: importance weights (diagonal Fisher)'),
    row.box,
  );
  store.watch(['fisher'], ({ fisher }) => {
    row.show(fisher?.name, fisher?.files, Boolean(fisher));
    if (fisher) fold.open = true;
  });
  return fold;
}

/** An empty row on purpose, beside one that is still free. */
export function addRow() {
  const { tuned } = store.state;
  if (tuned.every(({ files, name }) => files || name)) {
    const { id } = addTuned();
    return focusIn(`[data-role="${id}"]`);
  }
  // A free slot would be handed out again.
  const id = Math.max(0, ...tuned.map((slot) => slot.id)) + 1000;
  store.set({ tuned: [...tuned, { id, name: '', files: null }] });
  return focusIn(`[data-role="${id}"]`);
}
