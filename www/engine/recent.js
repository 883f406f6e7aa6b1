// Finished reports, in the browser's own database: a reload or a new comparison does not lose them.
// Nothing here may break a page: where the database is refused, full or silent, the list is empty.
import { openDB } from 'idb';

/** @import { IDBPDatabase } from 'idb' */

/**
 * What the list tells of a report.
 * @typedef {object} Summary
 * @property {string} [key] That of www/report/report-key.js; those kept earlier have none.
 * @property {string} base
 * @property {string[]} runs Their names.
 * @property {number} k
 * @property {number} tensors
 */

/** @typedef {Summary & { id: number, saved: number, bytes: number }} Recent */

const MOST_REPORTS = 10;
/** A database that another tab holds up may never answer. */
const PATIENCE_MS = 3000;

/** `list`: what is told of each report. `texts`: the reports, gzipped, under the same ids. */
const openDatabase = () =>
  openDB('gatescope-reports', 1, {
    blocking: (_, __, event) => /** @type {IDBDatabase} */ (event.target).close(),
    upgrade(db) {
      db.createObjectStore('list', { keyPath: 'id', autoIncrement: true });
      db.createObjectStore('texts');
    },
  });

/**
 * What `use` makes of the database, or `otherwise` where that fails or takes too long.
 * @template T
 * @param {(db: IDBPDatabase) => Promise<T>} use
 * @param {T} otherwise
 * @param {number} patience
 * @returns {Promise<T>}
 */
async function withDatabase(use, otherwise, patience) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<T>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(otherwise), patience);
  });
  const open = async () => {
    const db = await openDatabase();
    try {
      return await use(db);
    } finally {
      db.close();
    }
  };
  try {
    return await Promise.race([open(), late]);
  } catch {
    return otherwise;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Blob} blob
 * @param {CompressionStream | DecompressionStream} by
 */
const pass = (blob, by) => new Response(blob.stream().pipeThrough(by)).blob();

/** @param {IDBPDatabase} db @param {number} id */
async function remove(db, id) {
  const transaction = db.transaction(['list', 'texts'], 'readwrite');
  await Promise.all([
    transaction.objectStore('list').delete(id),
    transaction.objectStore('texts').delete(id),
  ]);
  await transaction.done;
}

/**
 * @param {IDBPDatabase} db
 * @returns {Promise<Recent[]>} The latest first.
 */
const readList = async (db) => (await db.getAll('list')).sort((a, b) => b.saved - a.saved);

/**
 * Keeps a report; the oldest beyond ten are forgotten.
 * @param {Summary} summary
 * @param {string | Blob} text
 */
export const saveReport = (summary, text, { now = Date.now(), patience = PATIENCE_MS } = {}) =>
  withDatabase(
    async (db) => {
      const packed = await pass(new Blob([text]), new CompressionStream('gzip'));
      // Some browsers keep no Blob in a database.
      const bytes = await packed.arrayBuffer();
      const transaction = db.transaction(['list', 'texts'], 'readwrite');
      const id = await transaction
        .objectStore('list')
        .add({ ...summary, saved: now, bytes: packed.size });
      await transaction.objectStore('texts').add(bytes, id);
      await transaction.done;
      const old = (await readList(db)).slice(MOST_REPORTS);
      await Promise.all(old.map(({ id: one }) => remove(db, one)));
      return true;
    },
    false,
    Math.max(patience, PATIENCE_MS * 10),
  );

/** The reports that are kept, the latest first. */
export const listReports = ({ patience = PATIENCE_MS } = {}) =>
  withDatabase(readList, /** @type {Recent[]} */ ([]), patience);

/**
 * A report as a Blob of JSON; null where it is not there any more.
 * @param {number} id
 */
export const readReport = (id, { patience = PATIENCE_MS * 10 } = {}) =>
  withDatabase(
    async (db) => {
      /** @type {ArrayBuffer | undefined} */
      const packed = await db.get('texts', id);
      if (!packed) return null;
      return pass(new Blob([packed]), new DecompressionStream('gzip'));
    },
    /** @type {Blob | null} */ (null),
    patience,
  );

/** @param {number} id */
export const deleteReport = (id, { patience = PATIENCE_MS } = {}) =>
  withDatabase((db) => remove(db, id), undefined, patience);

export const clearReports = ({ patience = PATIENCE_MS } = {}) =>
  withDatabase(
    async (db) => {
      const transaction = db.transaction(['list', 'texts'], 'readwrite');
      await Promise.all([
        transaction.objectStore('list').clear(),
        transaction.objectStore('texts').clear(),
      ]);
      await transaction.done;
    },
    undefined,
    patience,
  );
