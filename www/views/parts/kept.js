// What an earlier run has left to this one, and the way to do without it.
import { h, replace } from '../../dom/elements.js';
import { startOver } from '../../app/actions.js';
import { count } from '../../report/format.js';
import { store } from '../../app/state.js';

/** A line shown in `phase` where tensors were kept. */
export function keptView(phase) {
  const note = h('p', { class: 'note kept', role: 'status' });
  store.watch(['kept', 'phase'], ({ kept, phase: now }) => {
    note.hidden = now !== phase || !kept?.kept;
    replace(
      note,
      !note.hidden && [
        h(
          'span',
          {},
          `${count(kept.kept)} of ${count(kept.total)} tensors were kept from an earlier run of these files with these settings.`,
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
