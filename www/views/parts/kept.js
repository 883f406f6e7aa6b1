// What an earlier run has left to this one, and the way to do without it.
import { h, replace } from '../../dom/elements.js';
import { startOver } from '../../app/actions.js';
import { count } from '../../report/format.js';
import { store } from '../../app/state.js';

/** @import { State } from '../../app/state.js' */

/**
 * A line shown in `phase` where tensors were kept.
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
          'button',
          { type: 'button', class: 'start-over', onclick: () => startOver().catch(() => {}) },
          'Start over',
        ),
      ],
    );
  });
  return note;
}
