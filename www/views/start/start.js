// The first screen: where files come in.
import { removeAll } from '../../app/roles.js';
import { store } from '../../app/state.js';
import { trySample } from '../../app/try-sample.js';
import { h, replace } from '../../dom/elements.js';
import { reportInput } from '../parts/report-file.js';
import { picker } from './row.js';
import { addRow, baseRow, fisherRow, tunedRows } from './rows.js';

/** One large target; a drop anywhere else on the page does the same. */
function dropTarget() {
  const title = 'base and tuned checkpoints';
  const folder = picker({ text: 'Choose a folder', title, role: 'any', folder: true });
  const files = picker({ text: 'Choose files', title, role: 'any' });
  const sample = h(
    'button',
    { type: 'button', class: 'primary', id: 'try-sample', onclick: trySample },
    'Try the sample',
  );
  store.watch(['phase'], ({ phase }) => {
    sample.disabled = ['loading', 'running'].includes(phase);
    sample.textContent = phase === 'loading' ? 'Loading the sample …' : 'Try the sample';
  });
  return h(
    'div',
    { class: 'drop-target' },
    h('h2', { id: 'start-title', tabIndex: -1 }, 'Drop a base and its tuned checkpoints'),
    h(
      'p',
      { class: 'quiet' },
      'Folders or files of weights, anywhere on this page: one folder is one checkpoint. ' +
        'Folders of the Hugging Face cache (models--…) will do.',
    ),
    h('div', { class: 'actions' }, folder.button, files.button, reportInput()),
    h(
      'div',
      { class: 'actions' },
      sample,
      h(
        'span',
        { class: 'quiet about-sample' },
        'a 2.4 M parameter model, two RLVR runs and one SFT run; from this site',
      ),
    ),
    folder.input,
    files.input,
  );
}

/** The way back to a report that is still there. */
function backToReport() {
  const button = h(
    'button',
    { type: 'button', id: 'back-to-report', onclick: () => store.set({ phase: 'done' }) },
    '← Back to the report',
  );
  store.watch(['report', 'phase'], ({ report, phase }) => {
    button.hidden = !report || !['start', 'found', 'reading'].includes(phase);
  });
  return button;
}

/** What the page did with what was given last, and what it left out. */
export function notesView() {
  const list = h('ul', { class: 'notes', id: 'notes', role: 'status' });
  store.watch(['notes'], ({ notes }) => {
    list.hidden = !notes.length;
    replace(
      list,
      notes.map((text) => h('li', {}, text)),
    );
  });
  return list;
}

export function startView() {
  const clear = h(
    'button',
    {
      type: 'button',
      class: 'ghost',
      id: 'remove-all',
      onclick: () => {
        removeAll();
        document.getElementById('start-title')?.focus();
      },
    },
    'Remove all',
  );
  const section = h(
    'section',
    { class: 'start', 'aria-label': 'Checkpoints' },
    backToReport(),
    dropTarget(),
    h(
      'div',
      { class: 'zones' },
      baseRow(),
      tunedRows(),
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          { type: 'button', class: 'ghost', id: 'add-tuned', onclick: addRow },
          '+ Add another tuned checkpoint',
        ),
        clear,
      ),
      fisherRow(),
    ),
    h(
      'p',
      { class: 'hint formats' },
      'Reads safetensors in BF16, F16, F32, F64 and FP8 or FP4 with scales, PyTorch files ' +
        '(.bin, .pt), shards of FSDP and torch.distributed.checkpoint, GGUF that is not ' +
        'quantised, LoRA adapters as PEFT saves them, and sparse deltas of TRL, prime-rl, slime ' +
        'and miles. Only headers are read until you press Run.',
    ),
  );
  store.watch(['phase'], ({ phase }) => {
    section.hidden = phase === 'done' || phase === 'running';
  });
  store.watch(['base', 'tuned'], ({ base, tuned }) => {
    const given = [base, ...tuned].filter((one) => one?.files);
    section.classList.toggle('given', given.length > 0);
    clear.hidden = given.length < 2;
  });
  return section;
}
