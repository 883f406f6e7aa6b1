// The way back to a report that is still open, from where a new comparison is set up, and the
// settings of that report where the next run would have others.
import { h, replace } from '../../dom/elements.js';
import { chooseSettings, setInvalid, store } from '../../app/state.js';
import { hasBase } from '../../report/listed.js';
import { nameResult } from './head.js';

/** @import { Report, Settings } from '../../report/model.js' */

/**
 * The settings that every value depends on, and the fields that show them.
 * @type {['k' | 'alphas' | 'eta', string, string][]}
 */
const TAKEN = [
  ['k', 'k', 'set-k'],
  ['alphas', 'α', 'set-alpha'],
  ['eta', 'η', 'set-eta'],
];

/**
 * @param {Report} report
 * @param {Settings} settings The user's own.
 */
function otherSettings(report, settings) {
  if (!hasBase(report)) return null;
  const others = TAKEN.filter(([name]) => String(report.settings[name]) !== String(settings[name]));
  if (!others.length) return null;
  const text = others.map(([name, label]) => {
    const value = report.settings[name];
    return `${label}\u00a0=\u00a0${Array.isArray(value) ? value.join(', ') : value}`;
  });
  return [
    h('span', {}, `It has ${text.join(' · ')}; the settings below differ.`),
    h(
      'button',
      {
        type: 'button',
        id: 'use-settings',
        onclick: () => {
          for (const [, , field] of others) setInvalid(field, null);
          chooseSettings(Object.fromEntries(others.map(([name]) => [name, report.settings[name]])));
          document.getElementById('back')?.focus();
        },
      },
      'Use its settings',
    ),
  ];
}

export function backToReport() {
  const line = h('p', { class: 'note back' });
  store.watch(['phase', 'report', 'settings'], ({ phase, report, settings }) => {
    line.hidden = !report || !['start', 'found', 'reading'].includes(phase);
    replace(
      line,
      report && [
        h(
          'button',
          { type: 'button', id: 'back', onclick: () => store.set({ phase: 'done' }) },
          'Back to the report',
        ),
        h('span', {}, nameResult(report)),
        phase !== 'start' && otherSettings(report, settings),
      ],
    );
  });
  return line;
}
