// What an earlier run has left to this one, and the way to do without it.
import { startOver } from '../../app/actions.js';
import { store } from '../../app/state.js';
import { h, replace } from '../../dom/elements.js';
import { count } from '../../report/format.js';

/** @import { State } from '../../app/state.js' */

/**
 * A line shown in `phase` where tensors were kept, until it is dismissed.
 * @param {State['phase']} phase
 */
export function keptView(phase) {
  const note = h('p', { class: 'note kept', role: 'status' });
  store.watch(['kept', 'phase'], ({ kept, phase: now }) => {
    const shown = now === phase && kept?.kept ? kept : null;
    note.hidden = !shown;
    replace(
      note,
      shown && [
        h(
          'span',
          {},
          `${count(shown.kept)} of ${count(shown.total)} tensors were kept from an earlier ` +
            'run of these files with these settings.',
        ),
        h(
          'span',
          { class: 'actions' },
          h(
            'button',
            { type: 'button', class: 'start-over', onclick: () => startOver().catch(() => {}) },
            'Recompute',
          ),
          phase === 'done' &&
            h(
              'button',
              {
                type: 'button',
                class: 'ghost',
                'aria-label': 'Dismiss this note',
                onclick: () => {
                  store.set({ kept: null });
                  document.getElementById('results-title')?.focus({ preventScroll: true });
                },
              },
              '✕',
            ),
        ),
      ],
    );
  });
  return note;
}
