// Opens a report: a worker reads it, and the page takes in chunks of light tensors one by one.
import { Collector } from '../report/collect.js';
import { Client } from './client.js';
import { READER_URL } from './places.js';

/** @import { Report } from '../report/model.js' */
/** @import { Chunk, Read } from '../report/read.js' */

/**
 * @typedef {object} Opening
 * @property {(share: number) => void} [onProgress] How much of the file is read.
 */

/** Lets the page answer between two chunks. */
const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve);
  });

/**
 * Opens the report of a file, packed by gzip or not; throws a sentence where it is not one. The
 * file stays the place of the details (`loadTensor`).
 * @param {Blob} blob
 * @param {Opening} options
 * @returns {Promise<Report>}
 */
export async function openReportBlob(blob, { onProgress } = {}) {
  const collector = new Collector();
  /** @param {Chunk} chunk */
  const take = (chunk) => {
    collector.take(chunk);
    onProgress?.(chunk.read);
  };
  return collector.finish(await read(blob, take));
}

/**
 * @param {Blob} blob
 * @param {(chunk: Chunk) => void} take
 * @returns {Promise<Read>}
 */
async function read(blob, take) {
  const client = startClient();
  // Where a page has no workers it reads by itself, a piece at a time.
  if (!client) {
    const { readReport } = await import('../report/read.js');
    return readReport(blob, (chunk) => {
      take(chunk);
      return pause();
    });
  }
  try {
    return await client.watch((chunk) => take(/** @type {any} */ (chunk)), 'read', blob);
  } finally {
    client.end();
  }
}

function startClient() {
  try {
    return new Client({ workerUrl: READER_URL });
  } catch {
    return null;
  }
}
