// The first screen: where files come in.
import { h, replace } from '../../dom/elements.js';
import { addTuned, fillTuned, removeTuned, store } from '../../app/state.js';
import { groupByFolder, droppedFiles, isAdapterConfig, pickedFiles } from '../../app/input.js';
import { messageOf, trySample } from '../../app/actions.js';
import { reportInput } from '../parts/report-file.js';
import { bytes } from '../../report/format.js';

/** @import { Files } from '../../app/state.js' */
/** @import { FoundFile } from '../../app/input.js' */
/** @import { Child } from '../../dom/elements.js' */

/** @typedef {(checkpoints: [Files, ...Files[]]) => void} Fill */

/** @param {Files['files']} files */
const describeSize = (files) => bytes(files.reduce((total, { blob }) => total + blob.size, 0));

/**
 * @param {FoundFile[]} found
 * @param {Fill} fill
 */
function take(found, fill) {
  const [first, ...more] = groupByFolder(found);
  if (!first) return store.set({ problem: 'No .safetensors file in what was given.' });
  store.set({ problem: null });
  fill([first, ...more]);
}

/**
 * A zone to drop on, with a picker for files and one for a folder.
 * @param {object} options
 * @param {string} options.id That of the input for files, which scripts look for.
 * @param {string} options.title
 * @param {string} options.hint
 * @param {Fill} options.fill
 * @param {() => void} [options.onremove]
 */
function zone({ id, title, hint, fill, onremove }) {
  const files = h('input', {
    type: 'file',
    multiple: true,
    id,
    class: 'sr',
    tabIndex: -1,
    'aria-label': `${title}: files`,
    onchange: () => files.files?.length && take(pickedFiles(files.files), fill),
  });
  const folder = h('input', {
    type: 'file',
    class: 'sr',
    tabIndex: -1,
    'aria-label': `${title}: folder`,
    onchange: () => folder.files?.length && take(pickedFiles(folder.files), fill),
  });
  folder.webkitdirectory = true;
  const content = h('p', { class: 'zone-content' });
  const remove =
    onremove &&
    h(
      'button',
      { type: 'button', class: 'ghost', onclick: onremove, 'aria-label': `Remove ${title}` },
      'Remove',
    );
  /** @type {(on: boolean) => (event: DragEvent) => void} */
  const over = (on) => (event) => {
    event.preventDefault();
    box.classList.toggle('over', on);
  };
  const box = h(
    'div',
    {
      class: 'zone',
      role: 'group',
      'aria-label': title,
      ondragover: over(true),
      ondragleave: over(false),
      ondrop: async (/** @type {DragEvent} */ event) => {
        over(false)(event);
        const { dataTransfer } = event;
        if (!dataTransfer) return;
        // A report may be dropped anywhere: the page opens it.
        if (
          [...dataTransfer.files].every(
            ({ name, type }) =>
              type === 'application/json' && name !== 'config.json' && !isAdapterConfig(name),
          )
        )
          return;
        event.stopPropagation();
        try {
          take(await droppedFiles(dataTransfer), fill);
        } catch (error) {
          store.set({ problem: `The dropped files could not be read: ${messageOf(error)}` });
        }
      },
    },
    h('h2', {}, title),
    content,
    h(
      'p',
      { class: 'zone-buttons' },
      h('button', { type: 'button', onclick: () => files.click() }, 'Choose files'),
      h('button', { type: 'button', onclick: () => folder.click() }, 'Choose a folder'),
      remove,
    ),
    files,
    folder,
  );
  return {
    box,
    /**
     * @param {string | undefined} name
     * @param {Files['files'] | null | undefined} given
     * @param {boolean} removable
     * @param {Child} more Stands below the hint of an empty zone.
     */
    show(name, given, removable = false, more = null) {
      if (remove) remove.hidden = !removable;
      box.classList.toggle('filled', Boolean(given));
      replace(
        content,
        given
          ? [
              h('strong', {}, name),
              ` ${given.length} file${given.length === 1 ? '' : 's'}, ${describeSize(given)}`,
            ]
          : [hint, more && h('span', { class: 'hint needs', role: 'status' }, more)],
      );
    },
  };
}

function baseZone() {
  const base = zone({
    id: 'base-input',
    title: 'Base checkpoint',
    hint:
      'Drop safetensors files or a whole folder here. A sparse delta that lists weights can do ' +
      'without: only which weights changed is known then.',
    fill: ([first, ...more]) => {
      store.set({ base: { ...first, name: first.name || 'base' } });
      more.forEach(({ name, files }) => addTuned(name, files));
    },
    onremove: () => store.set({ base: null }),
  });
  store.watch(['base', 'needsBase'], ({ base: given, needsBase }) =>
    base.show(given?.name, given?.files, Boolean(given), needsBase && `${needsBase}.`),
  );
  return base.box;
}

/** One for all runs: it belongs to the base. */
function fisherZone() {
  const fisher = zone({
    id: 'fisher-input',
    title: 'Fisher or Adam exp_avg_sq, optional',
    hint:
      'A diagonal Fisher of the base in safetensors: its tensors’ names and shapes, entries of ' +
      '0 or more.',
    fill: (all) => {
      if (all.length > 1)
        return store.set({
          problem:
            `One Fisher serves all runs, but ${all.length} folders hold safetensors: give one ` +
            'file or one folder.',
        });
      const given = store.state.fisher;
      return store.set({
        fisher: {
          files: all[0].files,
          name: given && !given.files ? given.name : all[0].name || 'fisher',
        },
      });
    },
    onremove: () => store.set({ fisher: null }),
  });
  fisher.box.classList.add('fisher');
  store.watch(['fisher'], ({ fisher: given }) =>
    fisher.show(given?.name, given?.files, Boolean(given)),
  );
  return fisher.box;
}

/** Zones are kept by slot: an input that a script has found must stay in the page. */
function tunedZones() {
  const list = h('div', { class: 'tuned' });
  /** @type {Map<number, ReturnType<typeof zone>>} */
  const zones = new Map();
  store.watch(['tuned'], ({ tuned }) => {
    for (const [id, { box }] of zones)
      if (!tuned.some((slot) => slot.id === id)) {
        box.remove();
        zones.delete(id);
      }
    tuned.forEach((slot, i) => {
      let made = zones.get(slot.id);
      if (!made) {
        /** @type {Fill} */
        const fill = ([first, ...more]) => {
          fillTuned(slot.id, first);
          more.forEach(({ name, files }) => addTuned(name, files));
        };
        made = zone({
          id: `tuned-input-${slot.id}`,
          title: i === 0 ? 'Tuned checkpoint' : `Tuned checkpoint ${i + 1}`,
          hint:
            'Drop files or folders; each folder becomes a run. A PEFT folder with a LoRA ' +
            'adapter or a sparse delta will do too.',
          fill,
          onremove: () => removeTuned(slot.id),
        });
        zones.set(slot.id, made);
        list.append(made.box);
      }
      made.show(slot.name, slot.files, Boolean(slot.files) || tuned.length > 1);
    });
  });
  return list;
}

export function startView() {
  const busy = ['loading', 'running'];
  const sample = h(
    'button',
    { type: 'button', class: 'primary', id: 'try-sample', onclick: trySample },
    'Try the sample',
  );
  const section = h(
    'section',
    { class: 'start', 'aria-label': 'Checkpoints' },
    h(
      'div',
      { class: 'actions' },
      sample,
      reportInput(),
      h(
        'span',
        { class: 'quiet' },
        'Sample: a 2.4 M parameter model, two RLVR runs and one SFT run; 19 MB, from this site.',
      ),
    ),
    h(
      'div',
      { class: 'zones' },
      baseZone(),
      h(
        'div',
        { class: 'tuned-zones' },
        tunedZones(),
        h(
          'button',
          { type: 'button', class: 'ghost', id: 'add-tuned', onclick: () => addNext() },
          '+ Add another tuned checkpoint',
        ),
      ),
      fisherZone(),
    ),
    h(
      'p',
      { class: 'hint formats' },
      'Reads .safetensors in BF16, F16, F32, F64 and FP8 with scales, in one file or in ' +
        'shards with their index, LoRA adapters as PEFT saves them, and sparse deltas of TRL, ' +
        'prime-rl, slime and miles. Headers first; weights only when you press Run.',
    ),
  );
  store.watch(['phase'], ({ phase }) => {
    sample.disabled = busy.includes(phase);
    sample.textContent = phase === 'loading' ? 'Loading the sample …' : 'Try the sample';
    section.hidden = phase === 'done' || phase === 'running';
  });
  return section;
}

function addNext() {
  const { tuned } = store.state;
  // A free slot would be handed out again: a second one is asked for on purpose.
  const id = Math.max(0, ...tuned.map((slot) => slot.id)) + 1000;
  store.set({ tuned: [...tuned, { id, name: '', files: null }] });
}
