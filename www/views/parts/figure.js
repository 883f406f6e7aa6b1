// A chart with its title, what the strokes mean, and what it has to be read against.
import { h } from '../../dom/elements.js';
import { key } from '../../charts/curves.js';

export function figure(
  title,
  chart,
  { series = [], dots = false, swatches = key(series, dots), beside = '' } = {},
) {
  if (!chart) return null;
  // A name needs a role; a group's marks, with their own texts, stay readable.
  if (chart.localName === 'svg' && !chart.hasAttribute('role')) chart.setAttribute('role', 'group');
  return h(
    'figure',
    { class: 'chart' },
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      swatches.length > 1 &&
        h(
          'span',
          { class: 'key' },
          swatches.map(({ name, colour, mark }) =>
            h('span', {}, h('i', { class: mark, style: `color: ${colour}` }), name),
          ),
        ),
    ),
    chart,
    beside && h('p', { class: 'beside' }, beside),
  );
}

/** A cell's figure with smaller lines below it. */
export const under = (figure, lines) => [
  figure,
  lines.map((line) => h('small', { class: 'below' }, line)),
];

/** A small table with row heads. `rows`: [[head, cell, …]]. */
export const facts = (title, heads, rows, beside) =>
  h(
    'div',
    { class: 'facts' },
    title && h('h4', {}, title),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        { class: 'plain', 'aria-label': title || null },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            heads.map((text) => h('th', { scope: 'col' }, text)),
          ),
        ),
        h(
          'tbody',
          {},
          rows.map(([first, ...cells]) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, first),
              cells.map((cell) => h('td', { class: 'n' }, cell)),
            ),
          ),
        ),
      ),
    ),
    beside && h('p', { class: 'beside' }, beside),
  );
