// The way back to a report that is still open, from where a new comparison is set up.
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { nameResult } from './head.js';

export function backToReport() {
  const line = h('p', { class: 'note back' });
  store.watch(['phase', 'report'], ({ phase, report }) => {
    line.hidden = !report || !['start', 'found', 'reading'].includes(phase);
    replace(
      line,
      report && [
        h(
          'button',
          { type: 'button', id: 'back', onclick: () => store.set({ phase: 'done' }) },
          'Back to the report',
        ),
        h('span', {}, nameResult(report)),
      ],
    );
  });
  return line;
}
