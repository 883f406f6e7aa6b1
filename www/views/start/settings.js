// What can be set before a run, and its start.
import { run } from '../../app/actions.js';
import { explainMismatch } from '../../app/mismatch.js';
import { describeDifferences } from '../../app/settings-text.js';
import { chooseSettings, resetSettings, setInvalid, store } from '../../app/state.js';
import { h, replace } from '../../dom/elements.js';
import { proposeK } from '../../report/directions-words.js';
import { count } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { advancedFields, firstInvalid, mainFields } from './settings-fields.js';

/** Checkpoints without a tensor in common with the base. */
function unmatched() {
  const { inventory } = store.state;
  const based = Boolean(inventory && hasBase(inventory));
  return (inventory?.runs ?? []).flatMap((found) => explainMismatch(found, based) ?? []);
}

/** Runs, or leads to the first field whose text is not a setting. */
function runIfValid() {
  if (unmatched().length) return undefined;
  const invalid = firstInvalid();
  if (!invalid) return run().catch(() => {});
  const { id, label, problem } = invalid;
  store.set({ problem: `Not started. ${label}: ${problem}` });
  const input = document.getElementById(id);
  const fold = input?.closest('details');
  if (fold) fold.open = true;
  return input?.focus();
}

/** A smaller k where k covers a tenth of the matrices or more; the user decides. */
function proposal() {
  const note = h('p', { class: 'note', id: 'proposal', role: 'status' });
  store.watch(['sides', 'settings', 'inventory'], ({ sides, settings, inventory }) => {
    const based = Boolean(inventory && hasBase(inventory));
    const better = based && sides ? proposeK(sides, settings.k) : null;
    note.hidden = !better;
    if (!better) return;
    replace(
      note,
      h(
        'span',
        {},
        `k = ${settings.k} covers all directions of ${count(better.covered)} of ` +
          `${count(better.matrices)} matrices, which leaves no subspace of them to compare.`,
      ),
      h(
        'button',
        {
          type: 'button',
          id: 'use-proposal',
          onclick: () => {
            setInvalid('set-k', null);
            chooseSettings({ k: better.k });
            document.getElementById('set-k')?.focus();
          },
        },
        `Use k = ${better.k}`,
      ),
    );
  });
  return note;
}

/** The settings that are not the defaults, and the way back to those. */
function differences() {
  const text = h('span', {});
  const reset = h(
    'button',
    {
      type: 'button',
      class: 'ghost',
      id: 'reset-settings',
      onclick: () => {
        resetSettings();
        document.getElementById('set-k')?.focus();
      },
    },
    'Reset settings',
  );
  store.watch(['settings', 'invalid'], ({ settings, invalid }) => {
    const changed = describeDifferences(settings);
    text.textContent = changed.join(' · ') || 'All settings are the defaults.';
    reset.hidden = !changed.length && !Object.keys(invalid).length;
  });
  return h('p', { class: 'differences quiet', id: 'differences' }, text, ' ', reset);
}

export function settingsView() {
  const fieldset = h(
    'fieldset',
    { class: 'fields' },
    h('legend', { class: 'sr' }, 'Settings'),
    mainFields(),
  );
  const more = h(
    'details',
    { id: 'advanced' },
    h('summary', {}, 'Advanced'),
    h(
      'fieldset',
      { class: 'fields' },
      h('legend', { class: 'sr' }, 'Advanced settings'),
      advancedFields(),
    ),
  );
  const start = h(
    'button',
    { type: 'button', class: 'primary', id: 'run', onclick: runIfValid },
    'Run',
  );
  const blocked = h('span', { class: 'quiet', id: 'run-blocked' });
  const section = h(
    'section',
    { class: 'panel', 'aria-labelledby': 'settings-title' },
    h('h2', { id: 'settings-title' }, 'Settings'),
    differences(),
    proposal(),
    fieldset,
    more,
    h('div', { class: 'actions' }, start, blocked),
  );
  store.watch(['inventory', 'phase'], ({ inventory, phase }) => {
    // It stays while headers are read again: a field in it may have the focus.
    section.hidden = !inventory || !['found', 'reading'].includes(phase);
    // k, α and η are of comparisons with a base.
    section.classList.toggle('alone', Boolean(inventory) && !hasBase(inventory ?? { base: null }));
    const isBlocked = unmatched().length > 0;
    start.disabled = isBlocked;
    blocked.textContent = isBlocked
      ? 'A checkpoint has no tensor in common with the base: remove it, or choose another base.'
      : '';
  });
  return section;
}
