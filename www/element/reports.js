// Reports by their addresses: elements on one page that show the same report fetch it once.
import { readWholeReport } from '../report/read-whole.js';

/** @import { Report } from '../report/model.js' */

/** @typedef {{ loaded: number, total: number | null }} Progress In bytes. */
/** @typedef {(progress: Progress) => void} OnProgress */

/**
 * @typedef {object} Entry
 * @property {Promise<Report>} report
 * @property {Set<OnProgress>} users
 * @property {AbortController} controller
 */

/** @type {Map<string, Entry>} */
const entries = new Map();

/** What a gzip file begins with. */
const isGzip = (/** @type {Uint8Array} */ bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * @param {Uint8Array<ArrayBuffer>[]} chunks
 * @returns {Promise<string>}
 */
function textOf(chunks) {
  const blob = new Blob(chunks);
  if (!chunks.length || !isGzip(chunks[0])) return blob.text();
  return new Response(blob.stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function request(url, signal) {
  try {
    return await fetch(url, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(
      `${url} could not be fetched. Is it there, and does its server allow other pages to read it?`,
      { cause: error },
    );
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @param {OnProgress} tell
 */
async function fetchReport(url, signal, tell) {
  const response = await request(url, signal);
  if (!response.ok) throw new Error(`${url} could not be read: status ${response.status}.`);
  const length = response.headers.get('content-length');
  // The length that is sent is that of the compressed text.
  const known = length !== null && !response.headers.get('content-encoding');
  const total = known ? Number(length) : null;
  const reader = response.body?.getReader();
  const chunks = [];
  let loaded = 0;
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) break;
    chunks.push(part.value);
    loaded += part.value.byteLength;
    tell({ loaded, total });
  }
  return readWholeReport(await textOf(chunks));
}

/**
 * @param {string} url
 * @returns {Entry}
 */
function start(url) {
  const controller = new AbortController();
  /** @type {Set<OnProgress>} */
  const users = new Set();
  const report = fetchReport(url, controller.signal, (progress) =>
    users.forEach((tell) => tell(progress)),
  );
  const entry = { report, users, controller };
  // One that failed is asked for again by the next.
  report.catch(() => entries.get(url) === entry && entries.delete(url));
  entries.set(url, entry);
  return entry;
}

/**
 * The report at an address, for as long as somebody shows it: the last one to release it ends its
 * download or lets go of its memory.
 * @param {string} url
 * @param {OnProgress} onProgress
 */
export function borrowReport(url, onProgress) {
  const entry = entries.get(url) ?? start(url);
  /** @type {OnProgress} */
  const tell = (progress) => onProgress(progress);
  entry.users.add(tell);
  return {
    report: entry.report,
    release() {
      entry.users.delete(tell);
      // An element that is moved is taken away and put back at once.
      setTimeout(() => {
        if (entry.users.size || entries.get(url) !== entry) return;
        entries.delete(url);
        entry.controller.abort();
      });
    },
  };
}
