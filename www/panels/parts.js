// What several panels have: the key of the runs, the fold with the method, links to sources.
import { fold, h } from '../dom/elements.js';
import { SOURCES } from '../report/figures.js';
import { shortenName } from '../report/run-names.js';
import { runColour, runLetter } from '../report/run-colours.js';

/** @import { Child } from '../dom/elements.js' */

/** With more runs than this, their names are shorter. */
const FEW = 3;

/**
 * Each run's letter in its colour, and its name.
 * @param {{ run: number, name: string }[]} runs
 * @param {boolean} [named]
 */
export const runKey = (runs, named = true) =>
  h(
    'span',
    { class: 'run-key' },
    runs.map(({ run, name }) =>
      h(
        'span',
        {},
        h('b', { style: `background: ${runColour(run)}` }, runLetter(run)),
        named && shortenName(name, runs.length > FEW ? 18 : undefined),
      ),
    ),
  );

/**
 * What is told on demand, folded away.
 * @param {string} key
 * @param {string} title
 * @param {Child[]} children
 */
export const method = (key, title, ...children) =>
  fold(
    `method ${key}`,
    [h('i', { class: 'info', 'aria-hidden': 'true' }, 'i'), title],
    h('div', { class: 'method' }, children),
  );

/** @param {string} name A key of `SOURCES`. */
export function sourceLink(name) {
  const { authors, title, arxiv } = SOURCES[name];
  return h(
    'a',
    {
      href: `https://arxiv.org/abs/${arxiv}`,
      rel: 'noreferrer',
      target: '_blank',
      title: [authors, title].filter(Boolean).join(', '),
    },
    `${authors} (${name})\u00a0↗`,
  );
}

/**
 * Links to papers, each once.
 * @param {string[]} names
 */
export const sourceLinks = (names) =>
  [...new Set(names)].flatMap((name, i) => [i ? ', ' : '', sourceLink(name)]);

/**
 * The numbers of a chart for those who do not see it.
 * @param {string} caption
 * @param {string[]} columns
 * @param {[string, ...string[]][]} rows The first of a row heads it.
 */
export const hiddenTable = (caption, columns, rows) =>
  h(
    'div',
    { class: 'unseen' },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((text) => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(([head, ...cells]) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, head),
            cells.map((text) => h('td', {}, text)),
          ),
        ),
      ),
    ),
  );
