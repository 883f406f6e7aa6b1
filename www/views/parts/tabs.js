// Tabs of which only the open one is in the page.
import { h } from '../../dom/elements.js';

/** @import { Child } from '../../dom/elements.js' */

/**
 * A strip of tabs by the pattern of ARIA: one stop for the Tab key, arrows between them.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.prefix Of the ids: `PREFIX-ID` is a tab, `PREFIX-panel` what it opens.
 * @param {{ id: string, label: string }[]} options.tabs
 * @param {string} options.open
 * @param {(id: string) => void} options.choose
 */
export function tabStrip({ label, prefix, tabs, open, choose }) {
  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const place = tabs.findIndex(({ id }) => id === open);
    const last = tabs.length - 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowRight: place === last ? 0 : place + 1,
      ArrowLeft: place === 0 ? last : place - 1,
      Home: 0,
      End: last,
    };
    const next = tabs[places[event.key]];
    if (!next) return;
    event.preventDefault();
    choose(next.id);
    document.getElementById(`${prefix}-${next.id}`)?.focus();
  }
  return h(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-label': label, onkeydown },
    tabs.map(({ id, label: text }) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `${prefix}-${id}`,
          'data-key': `${prefix} ${id}`,
          'aria-selected': String(id === open),
          'aria-controls': id === open ? `${prefix}-panel` : null,
          tabIndex: id === open ? 0 : -1,
          onclick: () => choose(id),
        },
        text,
      ),
    ),
  );
}

/**
 * What the open tab shows.
 * @param {string} prefix
 * @param {string} open
 * @param {Child[]} content
 */
export const tabPanel = (prefix, open, ...content) =>
  h(
    'div',
    {
      role: 'tabpanel',
      id: `${prefix}-panel`,
      class: 'tab-panel',
      'aria-labelledby': `${prefix}-${open}`,
    },
    content,
  );
