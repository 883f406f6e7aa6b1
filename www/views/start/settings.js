// What can be set before a run, and the run itself.
import { h } from '../../dom/elements.js';
import { hasBase } from '../../report/listed.js';
import { DEFAULTS, store } from '../../app/state.js';
import { run } from '../../app/actions.js';
import { progressView } from './running.js';
import { advanced, fields } from './settings-fields.js';

export function settingsView() {
  const fieldset = h(
    'fieldset',
    { class: 'fields' },
    h('legend', { class: 'sr' }, 'Settings'),
    fields(),
  );
  const more = h(
    'details',
    { id: 'advanced' },
    h('summary', {}, 'Advanced'),
    h(
      'fieldset',
      { class: 'fields' },
      h('legend', { class: 'sr' }, 'Advanced settings'),
      advanced(),
    ),
  );
  const start = h(
    'button',
    { type: 'button', class: 'primary', id: 'run', onclick: () => run().catch(() => {}) },
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
      h(
        'button',
        { type: 'button', class: 'ghost', onclick: () => store.set({ settings: { ...DEFAULTS } }) },
        'Defaults',
      ),
    ),
  );
  // k, α and η are of comparisons with a base.
  store.watch(['inventory'], ({ inventory }) =>
    section.classList.toggle('alone', Boolean(inventory) && !hasBase(inventory)),
  );
  const running = h('section', { class: 'panel', 'aria-label': 'Run' }, progressView());
  store.watch(['phase'], ({ phase }) => {
    section.hidden = phase !== 'found';
    running.hidden = phase !== 'running';
  });
  return [section, running];
}
