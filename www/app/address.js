// The address holds where a reader stands in a report, so that Back, Forward and a copied address
// lead there.
import { enumerate } from '../report/format.js';
import { findMetric } from '../report/metrics.js';
import { shortenMiddle } from '../report/short-name.js';
import { keyOf } from '../report/report-key.js';
import { store } from './state.js';

/** @import { Report } from '../report/model.js' */
/** @import { State } from './state.js' */

/**
 * `sampleShown` is of the report, and only written.
 * @typedef {Pick<State, 'runs' | 'run' | 'alpha' | 'metric' | 'tensor' | 'arrangement' |
 * 'against' | 'part' | 'filter' | 'tab'> & { sampleShown?: State['sampleShown'] }} Place
 */

/** @type {State['arrangement'][]} */
const ARRANGEMENTS = ['one', 'multiples', 'difference'];
/** @type {State['part'][]} */
const PARTS = ['matrices', 'vectors', 'experts'];

/** Stands for the key of the sample's report that the build brings. */
export const SAMPLE = 'sample';

/**
 * @param {Report} report
 * @param {State['sampleShown']} sampleShown
 */
const nameReport = (report, sampleShown) => (sampleShown === 'brought' ? SAMPLE : keyOf(report));

/**
 * The key of the report that an address is of; null where it has none.
 * @param {string} text
 */
export const readKey = (text) => new URLSearchParams(text.replace(/^#/, '')).get('report');

/**
 * A place in a report as the text behind # of an address. What is as on opening is left out, but
 * for the report and the run, which tell an address of a report from one of the setup.
 * @param {Report} report
 * @param {Place} place
 */
export function writeAddress(report, place) {
  const { runs, run, alpha, metric, tensor, arrangement, against, part, filter, tab } = place;
  const nameOf = (/** @type {number} */ i) => report.runs[i]?.checkpoint.name ?? '';
  const key = nameReport(report, place.sampleShown ?? null);
  const parts = new URLSearchParams({ report: key, run: nameOf(run), metric });
  for (const i of report.runs.keys()) if (!runs.includes(i)) parts.append('hidden', nameOf(i));
  if (tensor !== null) parts.set('tensor', tensor);
  if (alpha > 0) parts.set('alpha', String(report.settings.alphas[alpha]));
  if (arrangement !== 'one') parts.set('arrangement', arrangement);
  if (against !== undefined) parts.set('against', nameOf(against));
  if (part !== 'matrices') parts.set('part', part);
  if (filter) parts.set('filter', filter);
  if (tab !== 'tensors') parts.set('tab', tab);
  return parts.toString();
}

/**
 * The place that an address names, as far as the report has it; null where it is not one of this
 * report. Nothing in an address is taken on trust.
 * @param {Report} report
 * @param {string} text
 * @returns {Place | null}
 */
export function readAddress(report, text) {
  const parts = new URLSearchParams(text.replace(/^#/, ''));
  const names = report.runs.map(({ checkpoint }) => checkpoint.name);
  const run = names.indexOf(parts.get('run') ?? '');
  const key = readKey(text);
  // Another report may have runs of the same names.
  const isOther = key !== null && key !== nameReport(report, store.state.sampleShown);
  if (run < 0 || isOther) return null;
  const hidden = parts.getAll('hidden');
  const tensor = parts.get('tensor');
  const against = names.indexOf(parts.get('against') ?? '');
  const metric = parts.get('metric') ?? '';
  return {
    run,
    runs: names.flatMap((name, i) => (i === run || !hidden.includes(name) ? [i] : [])),
    alpha: Math.max(0, report.settings.alphas.map(String).indexOf(parts.get('alpha') ?? '')),
    metric: findMetric(metric).id === metric ? metric : store.state.metric,
    tensor: report.runs[run].tensors.some(({ name }) => name === tensor) ? tensor : null,
    arrangement: ARRANGEMENTS.find((known) => known === parts.get('arrangement')) ?? 'one',
    against: against < 0 ? undefined : against,
    part: PARTS.find((known) => known === parts.get('part')) ?? 'matrices',
    filter: parts.get('filter') ?? '',
    tab: parts.get('tab') ?? 'tensors',
  };
}

/** What a reader would go back from; all else changes the address in place. */
const STEPS = /** @type {const} */ (['run', 'tensor', 'tab', 'metric']);

const TITLE = 'Gatescope: where training moved the weights';

/** A title names so many runs. */
const NAMED = 3;

/**
 * A report as the title of its page: all runs, as far as there is room.
 * @param {Report} report
 */
export function titleOf({ base, runs }) {
  const names = runs.map(({ checkpoint }) => shortenMiddle(checkpoint.name));
  const more = names.length - NAMED;
  const listed = more > 0 ? [...names.slice(0, NAMED), `${more} more`] : names;
  const before = base ? `${shortenMiddle(base.name)} → ` : '';
  return listed.length ? `${before}${enumerate(listed)} · Gatescope` : TITLE;
}

/**
 * Changes the address; a document that may not have one of its own goes without.
 * @param {'pushState' | 'replaceState'} how
 * @param {string} hash
 */
function setAddress(how, hash) {
  try {
    history[how](null, '', hash ? `#${hash}` : location.pathname + location.search);
  } catch {
    // A document from disk or in a frame without an origin.
  }
}

/** @param {State} state */
const isShown = ({ phase, report }) => phase === 'done' && report !== null;

/** Keeps address, title and the store together from now on. */
export function keepAddress() {
  /** @type {State | null} What was shown when the address was last written. */
  let last = null;
  let isRestoring = false;

  /** @param {State} state */
  function enter(state) {
    const { report } = state;
    if (!report) return;
    // An address with which the page was opened leads to its place once its report is there.
    const place = location.hash.length > 1 ? readAddress(report, location.hash) : null;
    if (location.hash) setAddress('replaceState', '');
    setAddress('pushState', writeAddress(report, place ?? state));
    if (place) store.set(place);
  }

  /** @param {State} state */
  function record(state) {
    const was = last;
    last = isShown(state) ? { ...state } : null;
    if (last) document.title = state.report ? titleOf(state.report) : TITLE;
    else if (was && ['start', 'found'].includes(state.phase)) document.title = TITLE;
    if (isRestoring) return;
    if (!last) {
      if (was) setAddress('pushState', '');
    } else if (!was) {
      isRestoring = true;
      enter(state);
      isRestoring = false;
      last = { ...state };
    } else if (state.report) {
      const isStep = was.report !== state.report || STEPS.some((key) => was[key] !== state[key]);
      setAddress(isStep ? 'pushState' : 'replaceState', writeAddress(state.report, state));
    }
  }

  function restore() {
    const { report, phase, inventory } = store.state;
    // A run goes on until it is cancelled.
    if (phase === 'running' || phase === 'loading') return setAddress('pushState', '');
    isRestoring = true;
    if (location.hash.length > 1 && report)
      store.set({ phase: 'done', ...readAddress(report, location.hash) });
    else if (phase === 'done') store.set({ phase: inventory ? 'found' : 'start' });
    isRestoring = false;
  }

  addEventListener('popstate', restore);
  addEventListener('beforeunload', (event) => {
    if (store.state.phase === 'running') event.preventDefault();
  });
  store.watch(
    [
      'phase',
      'report',
      'run',
      'runs',
      'alpha',
      'metric',
      'tensor',
      'arrangement',
      'against',
      'part',
      'filter',
      'tab',
    ],
    record,
  );
}
