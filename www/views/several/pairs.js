// Every pair of runs in one coloured table: letters and colours of the runs at its sides, in a cell
// what the pair has in common beyond two independent runs.
import { h } from '../../dom/elements.js';
import { number, signed } from '../../report/format.js';
import { excess, hasDirection } from '../../report/overlaps.js';
import { runColour, runLetter } from '../../report/run-colours.js';
import { shortenMiddle } from '../../report/short-name.js';
import { info } from '../parts/info.js';
import { cosineChance } from './tables.js';

/** @import { Overlap } from '../../report/model.js' */
/** @import { Maybe } from '../../report/format.js' */

/** Steps of the diverging map on either side of its middle, www/styles/theme.css. */
const STEPS = 4;

/**
 * The step of the diverging map for a value, 1 to 9, of which 5 is none.
 * @param {number} value
 * @param {number} limit The value of the last step.
 */
export const divergingStep = (value, limit) =>
  5 + Math.max(-STEPS, Math.min(STEPS, Math.round((STEPS * value) / limit)));

/**
 * @param {number} place Of the run in the report.
 * @param {string} name
 */
const letter = (place, name) =>
  h(
    'span',
    { class: 'letter', style: `--run: ${runColour(place)}`, title: name },
    runLetter(place),
  );

/**
 * @typedef {object} Pairs
 * @property {string} title
 * @property {(a: number, b: number) => Maybe} value
 * @property {(a: number, b: number) => string} text
 * @property {(a: number, b: number) => string} more Said where a pair is pointed at.
 * @property {number} least The least value that the last colour stands for.
 * @property {string} line
 * @property {string} about
 */

/**
 * @param {Pairs} pairs
 * @param {number[]} places
 * @param {string[]} names
 */
function pairMap({ title, value, text, more, least, line, about }, places, names) {
  const values = places.flatMap((_, a) =>
    places.flatMap((__, b) => {
      const known = a === b ? null : value(a, b);
      return typeof known === 'number' ? [Math.abs(known)] : [];
    }),
  );
  const limit = Math.max(least, ...values);
  /** @type {(a: number, b: number) => HTMLElement} */
  const cell = (a, b) => {
    const known = value(a, b);
    if (a === b) return h('td', { class: 'itself' });
    const step = typeof known === 'number' ? divergingStep(known, limit) : null;
    return h(
      'td',
      {
        style: step && `background: var(--div-${step}); color: var(--div-ink-${step})`,
        title: `${names[a]} and ${names[b]}: ${more(a, b)}`,
      },
      text(a, b),
    );
  };
  return h(
    'figure',
    { class: 'chart pairs' },
    h('figcaption', {}, h('strong', {}, title)),
    h(
      'div',
      { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': `${title}, table` },
      h(
        'table',
        { class: 'pair-map', 'aria-label': title },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('td'),
            places.map((place, b) =>
              h(
                'th',
                { scope: 'col' },
                letter(place, names[b]),
                h('span', { class: 'sr' }, names[b]),
              ),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          places.map((place, a) =>
            h(
              'tr',
              {},
              h(
                'th',
                { scope: 'row', title: names[a] },
                letter(place, names[a]),
                ` ${shortenMiddle(names[a], 18)}`,
              ),
              places.map((_, b) => cell(a, b)),
            ),
          ),
        ),
      ),
    ),
    h('div', { class: 'beside' }, line, ' ', info(title, about)),
  );
}

/**
 * The maps of pairs that an entry has: of the same weights, and of the same direction.
 * @param {Overlap} entry
 * @param {string[]} names Of the entry's runs.
 */
export function pairMaps(entry, names) {
  const { jaccard, jaccard_chance: random, parameters, runs } = entry;
  const beyond = (/** @type {number} */ a, /** @type {number} */ b) =>
    excess(jaccard[a][b], random[a][b]);
  /** @type {Pairs[]} */
  const all = [];
  if (parameters)
    all.push({
      title: 'The same weights: Jaccard index beyond independent runs',
      value: beyond,
      text: (a, b) => signed(beyond(a, b)),
      more: (a, b) => `${number(jaccard[a][b])}, independent runs ${number(random[a][b])}`,
      least: 0.02,
      line: 'Orange: more of the changed weights in common than independent runs; 0 is as many.',
      about:
        'Weights that both changed over those that either changed, less what independent runs ' +
        'of the same densities would give.',
    });
  if (hasDirection(entry))
    all.push({
      title: 'The same direction: cosine of the updates',
      value: (a, b) => entry.cosine[a][b],
      text: (a, b) => number(entry.cosine[a][b]),
      more: (a, b) => `${number(entry.cosine[a][b])}, random ${cosineChance(entry)}`,
      least: 0.1,
      line: `1 is the same direction; random ${cosineChance(entry)}.`,
      about: 'Of the stored values. N independent entries give 0 with a deviation of 1/√N.',
    });
  return all.map((pairs) => pairMap(pairs, runs, names));
}
