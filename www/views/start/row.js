// The row of one checkpoint: its name, its size, and pickers that give it other files.
import { takeIn } from '../../app/intake.js';
import { pickedFiles } from '../../app/input.js';
import { h, replace } from '../../dom/elements.js';
import { bytes, counted } from '../../report/format.js';

/** @import { Role } from '../../app/intake.js' */
/** @import { Files } from '../../app/state.js' */
/** @import { Child } from '../../dom/elements.js' */

/** @param {Files['files']} files */
const describeFiles = (files) =>
  `${counted(files.length, 'file')}, ` +
  `${bytes(files.reduce((total, { blob }) => total + blob.size, 0))}`;

/**
 * A hidden input and the button for it.
 * @param {object} options
 * @param {string} options.text
 * @param {string} options.title What the files are for.
 * @param {Role} options.role
 * @param {string} [options.id] That of the input, which scripts look for.
 * @param {boolean} [options.folder]
 * @param {string} [options.kind] The class of the button.
 */
export function picker({ text, title, role, id, folder = false, kind }) {
  const input = h('input', {
    type: 'file',
    multiple: !folder,
    id,
    class: 'sr',
    tabIndex: -1,
    'aria-label': `${title}: ${folder ? 'folder' : 'files'}`,
    onchange: () => {
      const told = input.dataset.told && JSON.parse(input.dataset.told);
      if (input.files?.length) takeIn(pickedFiles(input.files, told), role);
      // The same files can be given again.
      input.value = '';
    },
  });
  if (folder) input.webkitdirectory = true;
  const button = h(
    'button',
    {
      type: 'button',
      class: kind,
      onclick: () => input.click(),
      'aria-label': `${text}: ${title}`,
    },
    text,
  );
  return { input, button };
}

/**
 * A name that a button turns into a field: Enter or leaving it gives the name, Escape leaves it as
 * it was.
 * @param {(name: string) => void} give
 */
function renamer(give) {
  const name = h('strong', {});
  const field = h('input', { type: 'text', class: 'rename', hidden: true });
  const button = h('button', { type: 'button', class: 'ghost small' }, 'Rename');
  /** @param {boolean} keep */
  const end = (keep) => {
    if (field.hidden) return;
    const wanted = field.value;
    field.hidden = true;
    name.hidden = false;
    if (keep) give(wanted);
  };
  button.addEventListener('click', () => {
    field.value = name.textContent ?? '';
    field.setAttribute('aria-label', `New name of ${field.value}`);
    field.hidden = false;
    name.hidden = true;
    field.focus();
    field.select();
  });
  field.addEventListener('blur', () => end(true));
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    // The button that takes the focus would be pressed by the same key.
    event.preventDefault();
    end(event.key === 'Enter');
    button.focus();
  });
  return {
    name,
    field,
    button,
    /** @param {string} text */
    show(text) {
      name.textContent = text;
      button.setAttribute('aria-label', `Rename ${text}`);
    },
  };
}

/**
 * @typedef {object} RowOptions
 * @property {Role} role
 * @property {string} id That of the input for files.
 * @property {string} title
 * @property {string} hint Stands where there are no files yet.
 * @property {(() => void)} onremove
 * @property {((name: string) => void)} [onrename]
 * @property {Child} [lead] Stands before the name.
 * @property {Child} [tools] Stand before the buttons.
 */

/** @param {RowOptions} options */
export function checkpointRow({ role, id, title, hint, onremove, onrename, lead, tools }) {
  const files = picker({ text: 'Choose files', title, role, id });
  const folder = picker({ text: 'Choose a folder', title, role, folder: true });
  const rename = onrename && renamer(onrename);
  const heading = h('h3', {}, title);
  const content = h('p', { class: 'zone-content' });
  const remove = h(
    'button',
    { type: 'button', class: 'ghost', onclick: onremove, 'aria-label': `Remove ${title}` },
    'Remove',
  );
  const box = h(
    'div',
    { class: 'zone', role: 'group', 'aria-label': title, 'data-role': String(role) },
    h('div', { class: 'zone-head' }, heading, lead),
    h('div', { class: 'zone-name' }, content, rename?.field),
    h('p', { class: 'zone-buttons' }, tools, rename?.button, files.button, folder.button, remove),
    files.input,
    folder.input,
  );
  return {
    box,
    /** @param {string} text */
    setTitle(text) {
      heading.textContent = text;
      box.setAttribute('aria-label', text);
      remove.setAttribute('aria-label', `Remove ${text}`);
    },
    /**
     * @param {string | undefined} name
     * @param {Files['files'] | null | undefined} given
     * @param {boolean} removable
     * @param {Child} more Stands below the hint of an empty row, or below the name.
     */
    show(name, given, removable = false, more = null) {
      remove.hidden = !removable;
      box.classList.toggle('filled', Boolean(given));
      if (rename) rename.button.hidden = !given;
      // Other files for a filled row are dropped on it, or given after it is removed.
      files.button.hidden = Boolean(given);
      folder.button.hidden = Boolean(given);
      rename?.show(name ?? '');
      const shown = rename?.name ?? h('strong', {}, name);
      const below =
        more && h('span', { class: given ? 'hint below' : 'hint needs', role: 'status' }, more);
      replace(
        content,
        given
          ? [shown, ` ${describeFiles(given)}`, below]
          : [h('span', { class: 'quiet' }, hint), below],
      );
    },
  };
}
