// A result: the answer, where, what exactly, how far the runs agree, and how it was computed.
// Nothing here computes: the exported file shows the same without the engine.
import { h } from '../../dom/elements.js';
import { offerTableWriters } from '../../panels/table-copy.js';
import { store } from '../../app/state.js';
import { hasBase } from '../../report/listed.js';
import { keepDrawn } from '../parts/part.js';
import { listedPart } from '../summary/cards.js';
import { barPart } from './bar.js';
import { drawer } from './drawer.js';
import { headPart } from './head.js';
import { noticesPart } from './notices.js';
import { panelPart } from './panel.js';
import { printTable } from './print-table.js';
import { tabsPart } from './tabs.js';

/** @import { Child } from '../../dom/elements.js' */

/**
 * What stands around a result, as far as there is something.
 * @typedef {object} Around
 * @property {(() => void) | null} [onNew] Leads to the inputs.
 * @property {Child} [notes] Lines above the answer.
 * @property {Child} [exports] The menu of what can be handed on.
 */

/** @param {Around} around */
export function resultsView({ onNew = null, notes = null, exports = null } = {}) {
  offerTableWriters(async () => ({
    ...(await import('../../exports/table.js')),
    ...(await import('../../exports/clipboard.js')),
  }));
  const pair = h(
    'div',
    { class: 'pair' },
    keepDrawn(panelPart('dots')),
    keepDrawn(panelPart('energy')),
  );
  const section = h(
    'section',
    { class: 'results', 'aria-labelledby': 'results-title', hidden: true },
    keepDrawn(barPart({ onNew, exports })),
    h(
      'div',
      { class: 'result-body' },
      keepDrawn(headPart()),
      notes,
      keepDrawn(noticesPart()),
      keepDrawn(panelPart('summary')),
      keepDrawn(listedPart()),
      pair,
      h(
        'div',
        { class: 'where' },
        h('div', {}, keepDrawn(panelPart('heatmap')), keepDrawn(tabsPart())),
        drawer(),
      ),
      printTable(),
    ),
  );
  store.watch(['phase', 'report'], ({ phase, report }) => {
    const was = section.hidden;
    section.hidden = phase !== 'done' || !report;
    // There is nothing to divide by without a base.
    pair.hidden = !hasBase(report);
    // What had the focus is gone with the run: the report takes it, and is read out.
    if (was && !section.hidden)
      document.getElementById('results-title')?.focus({ preventScroll: true });
  });
  return section;
}
