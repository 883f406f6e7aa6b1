// The table of a report as CSV, from a worker of its own.
import { Client } from './client.js';
import { PLACES } from './places.js';

/**
 * Also a report that was dropped, of which no session is open, has one.
 * @param {string | Blob} report
 * @returns {Promise<string>}
 */
export async function writeCsv(report) {
  const client = new Client(PLACES);
  try {
    return await client.call('csv', report);
  } finally {
    client.end();
  }
}
