// A chart with its title, what its marks mean, and what it has to be read against.
import { h } from '../../dom/elements.js';
import { keyOf } from '../../charts/curves.js';
import { saveMenu } from './save-chart.js';
import { withInfo } from './info.js';

/** @import { Child } from '../../dom/elements.js' */
/** @import { KeyEntry } from '../../charts/curves.js' */

/**
 * Nothing where there is no chart.
 * @param {string} title
 * @param {Element | null} chart
 * @param {object} options
 * @param {{ name: string, dashed?: boolean, chance?: unknown }[]} [options.series] For the key.
 * @param {boolean} [options.dots]
 * @param {KeyEntry[]} [options.swatches] The key, where the series do not give it.
 * @param {string} [options.beside] What the chart is read against: its first sentence stands below
 * it, the others are folded.
 */
export function figure(
  title,
  chart,
  { series = [], dots = false, swatches = keyOf(series, dots), beside = '' },
) {
  if (!chart) return null;
  // A name needs a role; a group's marks, with their own texts, stay readable.
  if (chart.localName === 'svg' && !chart.hasAttribute('role')) chart.setAttribute('role', 'group');
  const element = h(
    'figure',
    { class: 'chart' },
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      // A curve alone is what the title says.
      swatches.length > (series.length ? 1 : 0) &&
        h(
          'span',
          { class: 'key' },
          swatches.map(({ name, colour, mark }) =>
            h('span', {}, h('i', { class: mark, style: `color: ${colour}` }), name),
          ),
        ),
    ),
    chart,
    beside && h('div', { class: 'beside' }, withInfo(title, beside)),
  );
  element.querySelector('figcaption')?.append(saveMenu(element, title));
  return element;
}

/**
 * A cell's value with smaller lines below it.
 * @param {string} value
 * @param {string[]} lines
 * @returns {Child[]}
 */
export const under = (value, lines) => [
  value,
  lines.map((line) => h('small', { class: 'below' }, line)),
];

/**
 * A small table with row heads.
 * @param {string} title
 * @param {Child[]} heads
 * @param {Child[][]} rows Each a head and its cells.
 * @param {string | false} [beside]
 */
export const factsTable = (title, heads, rows, beside) =>
  h(
    'div',
    { class: 'facts' },
    title && h('h4', {}, title),
    h(
      'div',
      { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': `${title || heads[0]}, table` },
      h(
        'table',
        { class: 'plain', 'aria-label': title || null },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            // A head without a text would be none to a screen reader.
            heads.map((text) => (text === '' ? h('td') : h('th', { scope: 'col' }, text))),
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
    beside && h('div', { class: 'beside' }, withInfo(title, beside)),
  );
