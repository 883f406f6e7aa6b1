// A report as a file: long ones are packed.
import { reportBlob } from '../report/details.js';

/** @import { Report } from '../report/model.js' */

/** Beyond this a report is packed: mail and repositories take no larger files. */
const LONG_BYTES = 20e6;

/** @typedef {{ name: string, type: string, blob: Blob }} SavedFile */

/**
 * The file that a reader keeps of a report; null of a report that was parsed whole.
 * @param {Report} report
 * @returns {Promise<SavedFile | null>}
 */
export async function saveReport(report) {
  const blob = reportBlob(report);
  if (!blob) return null;
  if (blob.size <= LONG_BYTES || typeof CompressionStream === 'undefined')
    return { name: 'report.json', type: 'application/json', blob };
  const packed = blob.stream().pipeThrough(new CompressionStream('gzip'));
  return {
    name: 'report.json.gz',
    type: 'application/gzip',
    blob: await new Response(packed).blob(),
  };
}
