// What several panels have: the key of the runs, the fold with the method, links to sources.
import { fold, h } from '../dom/elements.js';
import { SOURCES } from '../report/figures.js';
import { PUBLISHED } from '../report/placement.js';
import { runColour, runLetter } from '../report/run-colours.js';

/** @import { Child } from '../dom/elements.js' */

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
        named ? name : null,
      ),
    ),
  );

/**
 * How a panel's values are made, folded away.
 * @param {string} key
 * @param {Child[]} children
 */
export const method = (key, ...children) =>
  fold(`method ${key}`, 'ⓘ How this is made', h('div', { class: 'method' }, children));

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
    `${name} ↗`,
  );
}

/** Links to all papers whose ranges stand in grey. */
export const sourceLinks = () =>
  [...new Set(PUBLISHED.map(({ source }) => source))].flatMap((name, i) => [
    i ? ', ' : '',
    sourceLink(name),
  ]);

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
