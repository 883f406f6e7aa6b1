// What the analyser says of files that may be no checkpoint: the page and the native program have
// the same words.
import { Analysis } from '../engine/analysis.js';
import { DEFAULTS } from '../report/settings.js';
import { messageOf } from '../report/message.js';

/** @import { Files } from '../engine/analyser.js' */

/**
 * Why files are no checkpoint; null where they can be opened as one.
 * @param {Files} checkpoint
 */
export async function ask(checkpoint) {
  const analysis = new Analysis({ base: null, tuned: [checkpoint] });
  try {
    await analysis.inventory(DEFAULTS);
    return null;
  } catch (error) {
    // A whole model or an adapter is one whose base is given later.
    return error instanceof Error && error.name === 'NeedsBase' ? null : messageOf(error);
  } finally {
    analysis.close();
  }
}
