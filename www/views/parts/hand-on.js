// The menu of what can be handed on of the result that is shown.
import { store } from '../../app/state.js';
import { exportMenu } from '../../exports/menu.js';
import { viewOf } from './view.js';

/** @import { View } from '../../panels/view.js' */

/** @param {Parameters<typeof exportMenu>[1]} means */
export const handOn = (means) =>
  // The menu stands in the bar of a result, so that there is one when it is used.
  exportMenu(() => /** @type {View} */ (viewOf(store.state, 0)), means);
