// The button of a chart below the panels: a picture of it, with its title, settings and runs.
import { store } from '../../app/state.js';
import { chartMenu } from '../../exports/menu.js';
import { viewOf } from './view.js';

/** @import { View } from '../../panels/view.js' */

/**
 * @param {Element} chart
 * @param {string} title
 */
export function saveMenu(chart, title) {
  /** What is read when a picture is taken. */
  const read = () => {
    const view = /** @type {View} */ (viewOf(store.state, 0));
    // A tensor in the drawer is that of the run in focus.
    return chart.closest('#detail') ? { ...view, runs: [view.run] } : view;
  };
  return chartMenu(chart, read, title);
}
