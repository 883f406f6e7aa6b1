// Finished tensors, in the browser's own database: after a reload, a run of the same files resumes.
// Nothing here may break a run: where the database is refused, full or silent, it is as if nothing
// were kept.
import { openDB } from 'idb';

const MOST_RUNS = 8;
const MOST_MS = 30 * 24 * 3600 * 1000;
/** A database that another tab holds up may never answer. */
const PATIENCE_MS = 3000;

const ofRun = (key) => IDBKeyRange.bound([key], [key, []]);

/** `runs`: key → when it was last used. `results`: [key, tensor] → what its worker said. */
const open = () =>
  openDB('gatescope', 1, {
    upgrade(db) {
      db.createObjectStore('runs');
      db.createObjectStore('results');
    },
  });

/** Marks the run as used; runs that are too old or too many are forgotten. */
async function mark(db, key, now) {
  const tx = db.transaction(['runs', 'results'], 'readwrite');
  const [runs, results] = [tx.objectStore('runs'), tx.objectStore('results')];
  await runs.put(now, key);
  const [keys, used] = await Promise.all([runs.getAllKeys(), runs.getAll()]);
  const latest = keys.map((one, i) => ({ one, used: used[i] })).sort((a, b) => b.used - a.used);
  const old = latest.filter((run, place) => place >= MOST_RUNS || now - run.used > MOST_MS);
  await Promise.all(old.flatMap(({ one }) => [runs.delete(one), results.delete(ofRun(one))]));
  await tx.done;
}

async function read(db, key) {
  const tx = db.transaction('results');
  const [names, values] = await Promise.all([
    tx.store.getAllKeys(ofRun(key)),
    tx.store.getAll(ofRun(key)),
  ]);
  return new Map(names.map(([, name], i) => [name, values[i]]));
}

const NOTHING = { found: new Map(), keep() {}, async forget() {}, close() {} };

async function connect(key, now) {
  const db = await open();
  await mark(db, key, now);
  const found = await read(db, key);
  let full = false;
  return {
    found,
    /**
     * The run does not wait for this. After a first failure (no space left, say) nothing more is
     * tried.
     */
    keep(name, value) {
      if (!full)
        db.put('results', value, [key, name]).catch(() => {
          full = true;
        });
    },
    async forget() {
      found.clear();
      await db.delete('results', ofRun(key)).catch(() => {});
    },
    // Writes under way are finished first.
    close: () => db.close(),
  };
}

/**
 * What is kept under a key: `{ found: Map(tensor → value), keep(tensor, value), forget(), close()
 * }`.
 */
export async function openKept(key, { now = Date.now(), patience = PATIENCE_MS } = {}) {
  if (key === null) return NOTHING;
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, patience, NOTHING);
  });
  try {
    return await Promise.race([connect(key, now), late]);
  } catch {
    return NOTHING;
  } finally {
    clearTimeout(timer);
  }
}
