// A button with a list of actions below it.
import { h } from '../dom/elements.js';
import { messageOf } from '../report/message.js';

/** @import { Child } from '../dom/elements.js' */

/**
 * @typedef {object} Action
 * @property {string} label
 * @property {string} [id] Of its button.
 * @property {() => unknown} run What it does; its failure is said in the list.
 * @property {boolean} [stays] The list stays open, to show that something was done.
 */

/**
 * @param {Child} face What the button shows.
 * @param {(Action | null)[]} actions
 * @param {{ label?: string, className?: string }} [options] `label` names a button that shows only
 * a sign.
 */
export function dropdown(face, actions, { label, className = '' } = {}) {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  /** @param {boolean} shown */
  const open = (shown) => {
    list.hidden = !shown;
    button.setAttribute('aria-expanded', String(shown));
    problem.hidden = true;
    if (shown) document.addEventListener('pointerdown', closeOutside, true);
    else document.removeEventListener('pointerdown', closeOutside, true);
  };
  /** @param {Event} event */
  const closeOutside = (event) => {
    if (!event.composedPath().includes(frame)) open(false);
  };
  /** @param {Action} action */
  const entry = ({ label: text, id, run, stays = false }) => {
    const item = h(
      'button',
      {
        type: 'button',
        id: id ?? null,
        onclick: async () => {
          item.disabled = true;
          problem.hidden = true;
          try {
            await run();
            if (!stays) open(false);
          } catch (error) {
            problem.textContent = messageOf(error);
            problem.hidden = false;
          }
          item.disabled = false;
        },
      },
      text,
    );
    return h('li', {}, item);
  };
  const list = h(
    'div',
    { class: 'export-list', hidden: true },
    h(
      'ul',
      { role: 'list' },
      actions.flatMap((action) => (action ? [entry(action)] : [])),
    ),
    problem,
  );
  const button = h(
    'button',
    {
      type: 'button',
      class: 'export-button',
      'aria-expanded': 'false',
      'aria-label': label ?? null,
      title: label ?? null,
      onclick: () => open(list.hidden === true),
    },
    face,
  );
  const items = () => [...list.querySelectorAll('button')];
  const frame = h(
    'div',
    {
      class: `export-menu ${className}`.trim(),
      'data-not-exported': '',
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Escape' && !list.hidden) {
          event.stopPropagation();
          open(false);
          button.focus();
          return;
        }
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        if (list.hidden) open(true);
        const all = items();
        const at = all.findIndex((item) => item === event.target);
        const next = at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length;
        all[next]?.focus();
      },
      onfocusout: (/** @type {FocusEvent} */ { relatedTarget }) => {
        if (relatedTarget instanceof Node && !frame.contains(relatedTarget)) open(false);
      },
    },
    button,
    list,
  );
  return frame;
}
