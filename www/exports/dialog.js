// A dialog above the page, that goes with its last use.
import { h } from '../dom/elements.js';

/** @import { Child } from '../dom/elements.js' */

let opened = 0;

/**
 * Shows a dialog; Escape and its button close it.
 * @param {string} title
 * @param {Child[]} children
 */
export function showDialog(title, ...children) {
  opened += 1;
  const id = `export-dialog-${opened}`;
  const dialog = h(
    'dialog',
    {
      class: 'export-dialog',
      'aria-labelledby': id,
      onclose: () => dialog.remove(),
    },
    h(
      'div',
      { class: 'export-dialog-head' },
      h('h2', { id }, title),
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
    children,
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
