// A report that is parsed whole, with all of its details in memory.
import { linkFisher } from './fisher.js';
import { linkListed } from './listed.js';
import { settleNoise } from './noise.js';
import { linkOverlaps } from './overlaps.js';
import { checkForm, parseJson } from './check.js';

/** @import { Report, WholeReport } from './model.js' */

/** @param {WholeReport} report */
const settle = (report) => linkListed(linkFisher(linkOverlaps(settleNoise(report))));

/**
 * The report of a text with all details in memory, for who has no file to read them from later: a
 * page that is one file, or an embedded figure. What reads an older version comes with the first.
 * @param {string} text
 * @returns {Promise<Report>}
 */
export async function readWholeReport(text) {
  const report = checkForm(parseJson(text));
  if (report.version === 1) (await import('./versions.js')).liftFrom1(report);
  return settle(report);
}
