// What stands above a report because of how it came about: a run that can go on, the sample, what
// was kept of an earlier run.
import { continueRun } from '../../app/actions.js';
import { describeSample } from '../../app/sample.js';
import { store } from '../../app/state.js';
import { computeSample } from '../../app/try-sample.js';
import { h, replace } from '../../dom/elements.js';
import { counted } from '../../report/format.js';
import { info } from './info.js';
import { keptView } from './kept.js';

/** A cancelled run goes on where it was. */
function resumeNote() {
  const note = h('p', { class: 'note', id: 'resume-note' });
  store.watch(['resumable', 'report', 'phase'], ({ resumable, report, phase }) => {
    note.hidden = !resumable || !report?.partial || phase !== 'done';
    if (note.hidden || !report?.partial) return;
    const open = report.partial.total - report.partial.finished;
    replace(
      note,
      h(
        'span',
        {},
        `${counted(open, 'tensor')} still open; what is finished is not computed again.`,
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
  const note = h('div', { class: 'note', id: 'sample-note' });
  store.watch(
    ['report', 'sampleShown', 'phase', 'resumable'],
    ({ report, sampleShown, phase, resumable }) => {
      note.hidden = !report || !sampleShown || phase !== 'done' || resumable;
      if (note.hidden || !report) return;
      const { text, more } = describeSample(report);
      replace(
        note,
        h('div', { class: 'note-text' }, text, ' ', info('the sample', more)),
        sampleShown === 'brought' &&
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
