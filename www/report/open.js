// From the text of a report.json to a report whose parts know of each other.
import { linkFisher } from './fisher.js';
import { linkListed } from './listed.js';
import { settleNoise } from './noise.js';
import { linkOverlaps } from './overlaps.js';
import { parseReport } from './parse.js';

/**
 * Throws a sentence where the text is not a report.
 * @param {string} text
 */
export const openText = (text) =>
  linkListed(linkFisher(linkOverlaps(settleNoise(parseReport(text)))));
