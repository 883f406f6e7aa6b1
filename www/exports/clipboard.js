// Text to the clipboard.
import { h } from '../dom/elements.js';

/**
 * The way that works where a page may not use the clipboard itself: a selection that is copied.
 * @param {string} text
 */
function copySelected(text) {
  const active = document.activeElement;
  const field = h('textarea', { class: 'sr', readOnly: true, 'aria-hidden': 'true' });
  field.value = text;
  // An open dialog makes everything outside it unselectable.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (active instanceof HTMLElement) active.focus({ preventScroll: true });
  return copied;
}

/**
 * Copies a text; tells whether that worked.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/**
 * A button that copies, and says so for a while.
 * @param {string} label
 * @param {() => string | Promise<string>} read
 */
export function copyButton(label, read) {
  const name = h('span', { 'aria-live': 'polite' }, label);
  const button = h(
    'button',
    {
      type: 'button',
      onclick: async () => {
        const done = await copyText(await read());
        name.textContent = done ? 'Copied' : 'Select the text and copy it';
        setTimeout(() => (name.textContent = label), 2000);
      },
    },
    name,
  );
  return button;
}
