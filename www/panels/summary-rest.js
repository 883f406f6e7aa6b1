// What the answer's first view does without: how it is decided, and what is not known.
import '../report/gaps.js';
import { h } from '../dom/elements.js';
import { PLACES } from '../report/placement.js';
import { PUBLISHED_WORDS } from '../report/published-words.js';
import { method, sourceLink } from './parts.js';
import { RESTS } from './rest-of.js';

/** @import { Signal } from '../report/placement.js' */

/** @param {Signal} signal */
function drawSignal({ published, value, place, why }) {
  const { label, format, text, condition } = PUBLISHED_WORDS[published.metric];
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, label, published.alpha !== undefined && ` (α = ${published.alpha})`),
    h('td', {}, value === null ? '–' : format(value)),
    h('td', {}, place === null ? `${why}: not placed` : PLACES[place]),
    h('td', {}, text, h('br'), h('span', { class: 'answer-note' }, condition)),
    h('td', {}, sourceLink(published.source)),
  );
}

/** @param {Signal[]} signals */
const describeDecision = (signals) =>
  method(
    'answer',
    'How this is decided',
    h(
      'p',
      {},
      'Each metric that was published for whole training runs of both kinds is placed among ' +
        'the values below, at the k and α that they were published at, unless a random update ' +
        'gives the same. A place is no verdict: models, data and settings differ.',
    ),
    h(
      'div',
      {
        class: 'answer-scroll',
        tabindex: '0',
        role: 'region',
        'aria-label': 'Values and published ranges',
      },
      h(
        'table',
        { class: 'answer-table' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Metric', 'This run', 'Place', 'Published', 'Source'].map((text) =>
              h('th', { scope: 'col' }, text),
            ),
          ),
        ),
        h('tbody', {}, signals.map(drawSignal)),
      ),
    ),
    h(
      'p',
      {},
      'On-principal: the block of both rank-k principal subspaces of the base holds more of ‖Δ‖² ' +
        'than under a random update of the same size. Spread: no layer holds twice its share of ' +
        'the weights and 15 % of all.',
    ),
  );

RESTS.summary = { describeDecision };
