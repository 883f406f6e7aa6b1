// Where a reader stands in the report that is shown, as panels are told and tell it.
import { store } from '../../app/state.js';

/** @import { Choose, View } from '../../panels/view.js' */
/** @import { State } from '../../app/state.js' */

/**
 * What a panel is given; null where there is no run to show.
 * @param {State} state
 * @param {number} width
 * @returns {View | null}
 */
export function viewOf(state, width) {
  const { report, runs, run, alpha, metric, tensor, arrangement, against, part, filter } = state;
  if (!report?.runs[run]) return null;
  return {
    report,
    runs,
    run,
    alpha,
    metric,
    tensor,
    arrangement,
    against,
    part,
    filter,
    width,
  };
}

/**
 * The run in focus is always one of those that are shown: one that is focused is shown, and one
 * that is hidden gives the focus to the first that is left.
 * @type {Choose}
 */
export function choose({ runs = store.state.runs, run, ...rest }) {
  const focus = run ?? (runs.includes(store.state.run) ? store.state.run : runs[0]);
  const shown = runs.includes(focus) ? runs : [...runs, focus].sort((a, b) => a - b);
  const same = shown.join() === store.state.runs.join();
  store.set({ ...rest, run: focus, runs: same ? store.state.runs : shown });
}

/**
 * Shows a run or hides it; the last one stays.
 * @param {number} place
 */
export function toggleRun(place) {
  const { runs } = store.state;
  const rest = runs.filter((shown) => shown !== place);
  if (!runs.includes(place)) choose({ runs: [...runs, place].sort((a, b) => a - b) });
  else if (rest.length) choose({ runs: rest });
}

/**
 * Shows one run alone, or all of them where it is alone already.
 * @param {number} place
 */
export function soloRun(place) {
  const { report, runs } = store.state;
  const isAlone = runs.length === 1 && runs[0] === place;
  choose({ runs: isAlone ? (report?.runs ?? []).map((_, i) => i) : [place], run: place });
}
