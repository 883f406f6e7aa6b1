// A panel in the page: drawn for the store's state, as wide as its place.
import { h, replace } from '../../dom/elements.js';
import { redrawKeepingFocus, stepByStep } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import '../../report/gaps.js';
import { divideByLayer, divideByModule, withoutWords } from '../../report/energy.js';
import { compareWithRandom } from '../../report/ratios.js';
import { filterLike } from '../../report/filter.js';
import { choose, viewOf } from '../parts/view.js';
import { chartMenu } from '../../exports/menu.js';
import { namePanel } from '../../exports/panels.js';
import { PANELS } from '../../panels/index.js';
import { loadRest } from '../../panels/rest.js';
import { messageOf } from '../../report/message.js';

/** @import { Choose, Panel, View } from '../../panels/view.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * What each panel depends on besides the report.
 * @type {Record<string, (keyof State)[]>}
 */
const KEYS = {
  summary: ['run', 'runs', 'alpha', 'filter'],
  dots: ['run', 'runs', 'alpha', 'filter', 'metric'],
  energy: ['run', 'runs', 'alpha', 'filter'],
  heatmap: ['run', 'runs', 'alpha', 'metric', 'tensor', 'arrangement', 'against', 'part', 'filter'],
  table: ['run', 'runs', 'alpha', 'metric', 'tensor', 'filter'],
};

/**
 * What a panel finds of each run, and is kept with the run's tensors: of a long report it takes as
 * long as a task may.
 * @type {Record<string, (view: View, run: number) => unknown>}
 */
const FIND = {
  dots: ({ report, run: focus, alpha, filter }, run) =>
    compareWithRandom(
      filterLike(report.runs[run].tensors, report.runs[focus].tensors, filter, alpha),
      alpha,
    ),
  energy({ report, run: focus, alpha, filter }, run) {
    /** @param {'layer' | 'module'} kind */
    const keep = (kind) =>
      filterLike(
        report.runs[run].tensors,
        report.runs[focus].tensors,
        withoutWords(filter, kind),
        alpha,
      );
    divideByLayer(keep('layer'));
    divideByModule(keep('module'));
  },
};

/** @param {unknown} error */
const problem = (error) =>
  h('p', { class: 'problem', role: 'alert' }, 'This part could not be drawn: ', messageOf(error));

/** Pixels; a place that is narrower is on its way to another width, as when a page is printed. */
const LEAST = 160;

/** Panels that are charts, which a reader may keep as pictures. */
const CHARTS = ['dots', 'energy', 'heatmap'];

/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Calls `react` where Enter in a panel opened a tensor: a click leaves the focus where it is.
 * @param {() => void} react
 */
export const onEnter = (react) => listeners.add(react);

/**
 * What a place in the page chooses with. Where that is by Enter, the drawer takes the focus.
 * @param {HTMLElement} place
 * @returns {Choose}
 */
export function chooseFrom(place) {
  let isEnter = false;
  // Enter on a button is a click in the same task as its keydown.
  place.addEventListener(
    'keydown',
    ({ key }) => {
      isEnter = key === 'Enter';
      setTimeout(() => {
        isEnter = false;
      });
    },
    true,
  );
  return (patch) => {
    choose(patch);
    if (isEnter && patch.tensor) listeners.forEach((react) => react());
  };
}

/**
 * @param {string} name
 * @returns {Part}
 */
export function panelPart(name) {
  const place = h('div', { class: `place place-${name}`, 'data-panel': name });
  const tell = chooseFrom(place);
  /** @type {Panel | null} */
  let panel = null;
  let width = 0;
  /** The report that is drawn. @type {State['report']} */
  let drawn = null;
  const steps = stepByStep();

  function drawNow() {
    // Asked for after a change of the document, it would have all of it laid out at once.
    width ||= place.clientWidth;
    const view = panel && width >= LEAST && viewOf(store.state, width);
    if (!view) return;
    drawn = view.report;
    redrawKeepingFocus(place, () => {
      try {
        const made = panel?.(view, tell);
        const menu =
          made && CHARTS.includes(name) && made.querySelector('svg')
            ? chartMenu(made, view, namePanel(name))
            : null;
        // An element that follows the view itself stays where it is.
        if (menu || !made || place.firstChild !== made) replace(place, made, menu);
      } catch (error) {
        replace(place, problem(error));
      }
    });
  }

  /**
   * After what every click changes at once, so that no task holds the page for long.
   * @param {State} state
   */
  function draw(state) {
    const view = viewOf(state, width);
    const find = FIND[name];
    if (!panel || !view) return undefined;
    // A new report has come in a task of its own.
    if (!find && view.report !== drawn) return drawNow();
    return steps.run([...(find ? view.runs.map((run) => () => find(view, run)) : []), drawNow]);
  }

  const load = PANELS[name];
  if (load)
    Promise.all([load(), loadRest(name)]).then(
      ([loaded]) => {
        panel = loaded;
        draw(store.state);
      },
      (error) => replace(place, problem(error)),
    );
  else replace(place, h('p', { class: 'quiet absent' }, 'Not in this version.'));
  // Drawing changes the height only, so that this comes to rest. What is under way draws for the
  // width that is found here.
  new ResizeObserver(() => {
    const { clientWidth } = place;
    if (clientWidth === width) return;
    width = clientWidth;
    if (steps.isRunning()) return;
    if (place.firstChild) drawNow();
    else draw(store.state);
  }).observe(place);
  return { element: place, keys: ['report', 'phase', ...(KEYS[name] ?? [])], draw };
}
