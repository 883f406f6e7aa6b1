// What can be set before a run, and the run itself.
import { run } from '../../app/actions.js';
import { resetSettings, store } from '../../app/state.js';
import { h } from '../../dom/elements.js';
import { hasBase } from '../../report/listed.js';
import { progressView } from './running.js';
import { advancedFields, firstInvalid, mainFields } from './settings-fields.js';

/** Runs, or leads to the first field whose text is not a setting. */
function runIfValid() {
  const invalid = firstInvalid();
  if (!invalid) return run().catch(() => {});
  const { id, label, problem } = invalid;
  store.set({ problem: `Not started. ${label}: ${problem}` });
  const input = document.getElementById(id);
  const fold = input?.closest('details');
  if (fold) fold.open = true;
  return input?.focus();
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
  const section = h(
    'section',
    { class: 'panel', 'aria-labelledby': 'settings-title' },
    h('h2', { id: 'settings-title' }, 'Settings'),
    fieldset,
    more,
    h(
      'div',
      { class: 'actions' },
      start,
      h('button', { type: 'button', class: 'ghost', onclick: resetSettings }, 'Defaults'),
    ),
  );
  // k, α and η are of comparisons with a base.
  store.watch(['inventory'], ({ inventory }) => {
    section.classList.toggle('alone', Boolean(inventory) && !hasBase(inventory));
  });
  const running = h('section', { class: 'panel', 'aria-label': 'Run' }, progressView());
  store.watch(['phase'], ({ phase }) => {
    section.hidden = phase !== 'found';
    running.hidden = phase !== 'running';
  });
  return [section, running];
}
