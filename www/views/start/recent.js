// Reports that the browser keeps: a reload does not lose a result.
import { openRecent } from '../../app/actions.js';
import { forgetEverything, forgetRecent } from '../../app/recents.js';
import { store } from '../../app/state.js';
import { h, replace } from '../../dom/elements.js';
import { bytes, counted, enumerate, moment } from '../../report/format.js';

/** @import { Recent } from '../../app/state.js' */

/** @param {Recent} recent */
const nameOf = ({ base, runs }) => `${base ? `${base} → ` : ''}${enumerate(runs)}`;

/** @param {Recent} recent */
const describe = ({ saved, k, tensors, bytes: size }) =>
  [
    moment(new Date(saved).toISOString().replace(/\.\d+Z$/, 'Z')),
    counted(tensors, 'tensor'),
    `k ${k}`,
    bytes(size),
  ].join(' · ');

/** Where the focus goes when what had it is deleted. */
const focusList = () =>
  document.querySelector('#recent button')
    ? /** @type {HTMLElement} */ (document.querySelector('#recent button')).focus()
    : document.getElementById('start-title')?.focus();

/** @param {Recent} recent */
const entry = (recent) =>
  h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'open-recent',
        onclick: () => openRecent(recent.id),
        'aria-label': `Open ${nameOf(recent)}`,
      },
      'Open',
    ),
    h('span', { class: 'recent-name' }, nameOf(recent)),
    h('span', { class: 'quiet' }, describe(recent)),
    h(
      'button',
      {
        type: 'button',
        class: 'ghost',
        onclick: () => forgetRecent(recent.id).then(focusList),
        'aria-label': `Delete ${nameOf(recent)}`,
      },
      'Delete',
    ),
  );

export function recentView() {
  const section = h('section', { id: 'recent', class: 'panel', 'aria-labelledby': 'recent-title' });
  store.watch(['recent', 'keptRuns', 'phase'], ({ recent, keptRuns, phase }) => {
    section.hidden = !(recent.length || keptRuns) || !['start', 'found', 'reading'].includes(phase);
    if (section.hidden) return;
    const total = recent.reduce((sum, { bytes: size }) => sum + size, 0);
    replace(
      section,
      h('h2', { id: 'recent-title' }, 'Recent reports'),
      h(
        'p',
        { class: 'quiet' },
        'Kept in this browser only',
        recent.length > 0 && `, ${bytes(total)} together`,
        keptRuns > 0 && `; finished tensors of ${counted(keptRuns, 'run')}, so that they resume`,
        '.',
      ),
      h('ul', { class: 'recent' }, recent.map(entry)),
      h(
        'button',
        {
          type: 'button',
          class: 'ghost',
          id: 'clear-recent',
          onclick: () => forgetEverything().then(focusList),
        },
        'Clear all',
      ),
    );
  });
  return section;
}
