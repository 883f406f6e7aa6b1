// The bar at the top of a result: what is compared, which runs are shown, and what can be done.
import { h, replace } from '../../dom/elements.js';
import { redrawKeepingFocus } from '../../dom/redraw.js';
import { currentTheme, switchTheme } from '../../dom/theme.js';
import { store } from '../../app/state.js';
import { choose } from '../parts/view.js';
import { hasBase } from '../../report/listed.js';
import { shortenMiddle } from '../../report/short-name.js';
import { runChips } from './chips.js';

/** @import { Child } from '../../dom/elements.js' */
/** @import { State } from '../../app/state.js' */
/** @import { Part } from '../parts/part.js' */

/** @param {State} state */
function alphaPicker({ report, alpha }) {
  const alphas = report?.settings.alphas ?? [];
  if (!hasBase(report) || !alphas.length) return null;
  const title = 'α: the share of weights that a mask takes';
  if (alphas.length === 1) return h('span', { class: 'setting', title }, `α ${alphas[0]}`);
  const select = h(
    'select',
    { id: 'alpha', onchange: () => choose({ alpha: Number(select.value) }) },
    alphas.map((value, i) =>
      h('option', { value: String(i), selected: i === alpha }, String(value)),
    ),
  );
  return h('label', { class: 'setting', title }, 'α ', select);
}

/** @param {State} state */
const filterChip = ({ filter }) =>
  filter &&
  h(
    'span',
    { class: 'filter-chip' },
    `Filter: ${shortenMiddle(filter, 28)} `,
    h(
      'button',
      {
        type: 'button',
        class: 'bare',
        'aria-label': `Clear the filter ${filter}`,
        'data-key': 'clear filter',
        onclick: () => choose({ filter: '' }),
      },
      '✕',
    ),
  );

const MARKS = { auto: '◐', light: '☀', dark: '☾' };

function themeSwitch() {
  const button = h('button', {
    type: 'button',
    class: 'bare',
    id: 'theme',
    onclick: () => {
      switchTheme();
      show();
    },
  });
  function show() {
    const theme = currentTheme();
    button.textContent = MARKS[theme];
    button.title = `Theme: ${theme === 'auto' ? 'as the system' : theme}`;
    button.setAttribute('aria-label', button.title);
  }
  show();
  return button;
}

/** Leads to the definitions of all metrics, which need no network. */
const help = () =>
  h(
    'button',
    {
      type: 'button',
      class: 'bare',
      id: 'help',
      title: 'What the metrics mean',
      'aria-label': 'What the metrics mean',
      onclick: () => {
        store.set({ tab: 'method' });
        const title = document.getElementById('definitions');
        title?.scrollIntoView({ block: 'center' });
        title?.focus({ preventScroll: true });
      },
    },
    '?',
  );

/** @param {State} state */
function compared(state) {
  const { report } = state;
  if (!report) return [];
  const { base } = report;
  return [
    base
      ? h('span', { class: 'base-name', title: base.name }, `${shortenMiddle(base.name)} →`)
      : h('span', { class: 'base-name' }, 'without base:'),
    runChips(state),
  ];
}

/**
 * @param {object} options
 * @param {(() => void) | null} options.onNew Leads to the inputs; null where there are none.
 * @param {Child} options.exports The menu of what can be handed on.
 * @returns {Part}
 */
export function barPart({ onNew, exports }) {
  const runs = h('div', { class: 'bar-runs' });
  const settings = h('div', { class: 'bar-settings' });
  const element = h(
    'div',
    { class: 'topbar' },
    h('h1', {}, 'Gatescope'),
    runs,
    settings,
    h(
      'div',
      { class: 'bar-actions' },
      onNew && h('button', { type: 'button', id: 'new', onclick: onNew }, 'Edit inputs'),
      exports,
      themeSwitch(),
      help(),
    ),
  );
  /** @param {State} state */
  function draw(state) {
    const { report } = state;
    if (!report) return;
    redrawKeepingFocus(runs, () => replace(runs, compared(state)));
    redrawKeepingFocus(settings, () =>
      replace(
        settings,
        hasBase(report) &&
          h(
            'span',
            { class: 'setting', title: 'k: the rank of the principal subspaces' },
            `k ${report.settings.k}`,
          ),
        alphaPicker(state),
        filterChip(state),
      ),
    );
  }
  return { element, keys: ['report', 'run', 'runs', 'alpha', 'filter'], draw };
}
