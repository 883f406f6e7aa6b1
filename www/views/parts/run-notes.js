// What stands above a report because of how it came about: a run that can go on, the sample, what
// was kept of an earlier run.
import { computeSample, continueRun } from '../../app/actions.js';
import { describeSample } from '../../app/sample.js';
import { store } from '../../app/state.js';
import { h, replace } from '../../dom/elements.js';
import { keptView } from './kept.js';

/** A cancelled run goes on where it was. */
function resumeNote() {
  const note = h('p', { class: 'note', id: 'resume-note' });
  store.watch(['resumable', 'report', 'phase'], ({ resumable, report, phase }) => {
    note.hidden = !resumable || !report?.partial || phase !== 'done';
    if (note.hidden || !report?.partial) return;
    const { finished, total } = report.partial;
    replace(
      note,
      h(
        'span',
        {},
        `The run was cancelled: ${finished} of ${total} tensors are finished and kept.`,
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'primary',
          id: 'continue',
          onclick: () => continueRun().catch(() => {}),
        },
        'Continue',
      ),
    );
  });
  return note;
}

/** What the sample is, beside its report. */
function sampleNote() {
  const note = h('p', { class: 'note', id: 'sample-note' });
  store.watch(
    ['report', 'sampleShown', 'fromSample', 'phase', 'resumable'],
    ({ report, sampleShown, fromSample, phase, resumable }) => {
      const isSample = sampleShown || (fromSample && report?.base?.name === 'base');
      note.hidden = !report || !isSample || phase !== 'done' || resumable;
      if (note.hidden || !report) return;
      replace(
        note,
        h('span', {}, describeSample(report)),
        sampleShown &&
          h(
            'button',
            { type: 'button', id: 'recompute', onclick: () => computeSample() },
            'Recompute here',
          ),
      );
    },
  );
  return note;
}

export const runNotes = () =>
  h('div', { class: 'run-notes' }, resumeNote(), sampleNote(), keptView('done'));
