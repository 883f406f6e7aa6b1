// What stands below the answer: every tensor, the runs beside each other, and how all of it was
// computed. Only the open tab is in the page.
import { h, replace } from '../../dom/elements.js';
import { afterReport, redrawKeepingFocus } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { areSteps } from '../../report/comparison.js';
import { findVersions, hasBase } from '../../report/listed.js';
import { tabPanel, tabStrip } from '../parts/tabs.js';
import { severalPart } from '../several/several.js';
import { precisionPart } from '../summary/cards.js';
import { atKPart } from './at-k.js';
import { byRunPart } from './by-run.js';
import { methodPart } from './method.js';
import { panelPart } from './panel.js';
import { runSweepPart } from './run-sweep.js';

/** @import { Report } from '../../report/model.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * @typedef {object} Tab
 * @property {string} id
 * @property {(report: Report) => string} label
 * @property {(report: Report) => boolean} has Whether a report has something for it.
 * @property {() => Part[]} make
 */

/** @param {Report} report */
const isOrdered = (report) => areSteps(report) || findVersions(report) !== null;

/** @type {Tab[]} */
const TABS = [
  {
    id: 'tensors',
    label: () => 'Tensors',
    has: () => true,
    make: () => [panelPart('table')],
  },
  {
    id: 'compare',
    label: (report) => (isOrdered(report) ? 'Compare steps' : 'Compare runs'),
    has: (report) => report.runs.length > 1,
    make: () => [severalPart()],
  },
  {
    id: 'sensitivity',
    label: () => 'Sensitivity to k',
    has: hasBase,
    make: () => [runSweepPart(), atKPart()],
  },
  {
    id: 'precision',
    label: () => 'Precision',
    has: hasBase,
    make: () => [byRunPart(), precisionPart()],
  },
  { id: 'method', label: () => 'Method & provenance', has: () => true, make: () => [methodPart()] },
];

/**
 * Tabs are made when they are first opened, and drawn while they are open.
 * @returns {Part}
 */
export function tabsPart() {
  const strip = h('div', { class: 'tab-strip' });
  const place = h('div', {});
  const element = h('section', { class: 'tabbed', 'aria-label': 'Details' }, strip, place);
  /** @type {Map<string, Part[]>} */
  const made = new Map();
  /** @type {string | null} */
  let open = null;

  /** @param {State} state */
  function find({ report, tab }) {
    const tabs = report ? TABS.filter(({ has }) => has(report)) : [];
    return { tabs, shown: tabs.find(({ id }) => id === tab) ?? tabs[0] };
  }

  /** @param {Tab} tab */
  function partsOf({ id, make }) {
    const parts = made.get(id) ?? make();
    if (!made.has(id)) {
      made.set(id, parts);
      for (const part of parts)
        store.watch(
          part.keys,
          afterReport((/** @type {State} */ state) => {
            if (open === id && state.report) part.draw(state);
          }),
        );
    }
    return parts;
  }

  /** @param {State} state */
  function draw(state) {
    const { report } = state;
    const { tabs, shown } = find(state);
    if (!report || !shown) return;
    redrawKeepingFocus(strip, () =>
      replace(
        strip,
        tabStrip({
          label: 'Details of the result',
          prefix: 'tab',
          tabs: tabs.map(({ id, label }) => ({ id, label: label(report) })),
          open: shown.id,
          choose: (tab) => store.set({ tab }),
        }),
      ),
    );
    if (open === shown.id && place.firstChild) return;
    open = null;
    const parts = partsOf(shown);
    open = shown.id;
    replace(place, tabPanel('tab', shown.id, ...parts.map((part) => part.element)));
    for (const part of parts) part.draw(state);
  }
  return { element, keys: ['report', 'tab'], draw };
}
