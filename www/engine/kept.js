// Finished tensors, in the browser's own database: after a reload, a run of the same files resumes.
// Nothing here may break a run: where the database is refused, full or silent, it is as if nothing
// were kept.
import { openDB } from 'idb';

/** @import { IDBPDatabase } from 'idb' */
/** @import { TaskAnswer } from './analyser.js' */

/**
 * What is kept under one key.
 * @typedef {object} Kept
 * @property {Map<string, TaskAnswer>} found By tensor.
 * @property {(tensor: string, answer: TaskAnswer) => void} keep
 * @property {() => Promise<void>} forget
 * @property {() => void} close
 */

/** The form of what is kept. Answers in another form are forgotten. */
const VERSION = 2;
const MOST_RUNS = 8;
const MOST_MS = 30 * 24 * 3600 * 1000;
/** A database that another tab holds up may never answer. */
const PATIENCE_MS = 3000;

/** @param {string} key */
const answersOf = (key) => IDBKeyRange.bound([key], [key, []]);

/** `runs`: key → when it was last used. `results`: [key, tensor] → the answer of its worker. */
const openDatabase = () =>
  openDB('gatescope', VERSION, {
    // Who deletes it, or opens it in a newer form, need not wait for the end of a run.
    blocking: (_, __, event) => /** @type {IDBDatabase} */ (event.target).close(),
    upgrade(db) {
      for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
      db.createObjectStore('runs');
      db.createObjectStore('results');
    },
  });

/**
 * Marks the run as used; runs that are too old or too many are forgotten.
 * @param {IDBPDatabase} db
 * @param {string} key
 * @param {number} now
 */
async function markUsed(db, key, now) {
  const transaction = db.transaction(['runs', 'results'], 'readwrite');
  const [runs, results] = [transaction.objectStore('runs'), transaction.objectStore('results')];
  await runs.put(now, key);
  const [keys, times] = await Promise.all([runs.getAllKeys(), runs.getAll()]);
  const latest = keys
    .map((run, i) => ({ run: String(run), used: times[i] }))
    .sort((a, b) => b.used - a.used);
  const old = latest.filter(({ used }, place) => place >= MOST_RUNS || now - used > MOST_MS);
  await Promise.all(old.flatMap(({ run }) => [runs.delete(run), results.delete(answersOf(run))]));
  await transaction.done;
}

/**
 * @param {IDBPDatabase} db
 * @param {string} key
 * @returns {Promise<Map<string, TaskAnswer>>}
 */
async function readAnswers(db, key) {
  const { store, done } = db.transaction('results');
  const [keys, answers] = await Promise.all([
    store.getAllKeys(answersOf(key)),
    store.getAll(answersOf(key)),
  ]);
  await done;
  return new Map(keys.map((parts, i) => [/** @type {string[]} */ (parts)[1], answers[i]]));
}

/** @type {Kept} */
const NOTHING = { found: new Map(), keep() {}, async forget() {}, close() {} };

/**
 * @param {string} key
 * @param {number} now
 * @returns {Promise<Kept>}
 */
async function connect(key, now) {
  const db = await openDatabase();
  await markUsed(db, key, now);
  const found = await readAnswers(db, key);
  let full = false;
  return {
    found,
    /**
     * The run does not wait for this. After a first failure (no space left, say) nothing more is
     * tried.
     */
    keep(tensor, answer) {
      if (!full)
        db.put('results', answer, [key, tensor]).catch(() => {
          full = true;
        });
    },
    async forget() {
      found.clear();
      await db.delete('results', answersOf(key)).catch(() => {});
    },
    // Writes under way are finished first.
    close: () => db.close(),
  };
}

/**
 * What is kept under a key; nothing where there is no key, or no answer in time.
 * @param {string | null} key
 * @returns {Promise<Kept>}
 */
export async function openKept(key, { now = Date.now(), patience = PATIENCE_MS } = {}) {
  if (key === null) return NOTHING;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<Kept>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(NOTHING), patience);
  });
  try {
    return await Promise.race([connect(key, now), late]);
  } catch {
    return NOTHING;
  } finally {
    clearTimeout(timer);
  }
}

/** Forgets the finished tensors of all runs. */
export async function forgetAll() {
  try {
    const db = await openDatabase();
    await Promise.all([db.clear('runs'), db.clear('results')]);
    db.close();
  } catch {
    // There is nothing to forget where the database is refused.
  }
}

/** Of how many runs finished tensors are kept. */
export async function countKeptRuns() {
  try {
    const db = await openDatabase();
    const runs = await db.count('runs');
    db.close();
    return runs;
  } catch {
    return 0;
  }
}
