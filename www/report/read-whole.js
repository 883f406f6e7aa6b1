// A report that is parsed whole, with all of its details in memory.
import { linkFisher } from './fisher.js';
import { linkListed } from './listed.js';
import { settleNoise } from './noise.js';
import { linkOverlaps } from './overlaps.js';
import { parseReport } from './parse.js';

/** @import { Report } from './model.js' */

/**
 * The report of a text with all details in memory, for who has no file to read them from later: a
 * page that is one file, or an embedded figure.
 * @param {string} text
 * @returns {Report}
 */
export const readWholeReport = (text) =>
  linkListed(linkFisher(linkOverlaps(settleNoise(parseReport(text)))));
