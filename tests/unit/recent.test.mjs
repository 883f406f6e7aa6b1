// Reports and settings that outlast a visit, and a browser that keeps nothing.
import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  clearReports,
  deleteReport,
  listReports,
  readReport,
  saveReport,
} from '../../www/engine/recent.js';
import { countKeptRuns, forgetAll, openKept } from '../../www/engine/kept.js';
import { findDifferences, recallSettings, rememberSettings } from '../../www/app/remembered.js';
import { describeDifferences } from '../../www/app/settings-text.js';
import { DEFAULTS } from '../../www/report/settings.js';

const summary = (base) => ({ base, runs: ['a', 'b'], k: 16, tensors: 75 });

test('a report is kept as it was, and can be deleted', async () => {
  const text = JSON.stringify({ format: 'gatescope-report', name: '‖Δ‖ ö'.repeat(1000) });
  assert.equal(await saveReport(summary('one'), text, { now: 5 }), true);
  const [{ id, bytes, saved, base, runs }] = await listReports();
  assert.deepEqual([saved, base, runs], [5, 'one', ['a', 'b']]);
  assert.ok(bytes > 0 && bytes < text.length / 4, 'it is packed');
  assert.equal(await (await readReport(id)).text(), text);
  await deleteReport(id);
  assert.deepEqual([await listReports(), await readReport(id)], [[], null]);
});

test('ten stay, the latest first; all can be forgotten', async () => {
  for (let i = 0; i < 12; i += 1) await saveReport(summary(`run ${i}`), `${i}`, { now: i });
  const all = await listReports();
  assert.deepEqual(
    all.map(({ base }) => base),
    Array.from({ length: 10 }, (_, i) => `run ${11 - i}`),
  );
  assert.equal(await (await readReport(all[9].id)).text(), '2');
  await clearReports();
  assert.deepEqual(await listReports(), []);
  const kept = await openKept('some run');
  kept.close();
  assert.equal(await countKeptRuns(), 1);
  await forgetAll();
  assert.equal(await countKeptRuns(), 0);
});

test('a database that is refused or silent is as if nothing were kept', async () => {
  const { indexedDB } = globalThis;
  for (const open of [
    () => {
      throw new DOMException('not in this window', 'SecurityError');
    },
    () => new EventTarget(),
  ]) {
    globalThis.indexedDB = { open };
    assert.deepEqual(await listReports({ patience: 20 }), []);
    assert.equal(await readReport(1, { patience: 20 }), null);
    await clearReports({ patience: 20 });
    await deleteReport(1, { patience: 20 });
  }
  globalThis.indexedDB = {
    open: () => {
      throw new Error('refused');
    },
  };
  assert.equal(await saveReport(summary('x'), 'x'), false);
  assert.equal(await countKeptRuns(), 0);
  await forgetAll();
  globalThis.indexedDB = indexedDB;
});

/** A storage that may refuse. */
function useStorage(refuses = false) {
  const items = new Map();
  const guard = (value) => {
    if (refuses) throw new DOMException('no', 'SecurityError');
    return value;
  };
  globalThis.localStorage = {
    getItem: (key) => guard(items.get(key) ?? null),
    setItem: (key, value) => guard(items.set(key, value)),
    removeItem: (key) => guard(items.delete(key)),
  };
  return items;
}

test('settings are remembered as differences; those of one comparison are not', () => {
  const items = useStorage();
  rememberSettings({ ...DEFAULTS, k: 16, alphas: [0.5], layers: '0-3', comparison: 'steps' });
  assert.deepEqual(JSON.parse([...items.values()][0]), { k: 16, alphas: [0.5] });
  assert.deepEqual(recallSettings(), { ...DEFAULTS, k: 16, alphas: [0.5] });
  rememberSettings(DEFAULTS);
  assert.equal(items.size, 0);
});

test('what a storage holds is not trusted', () => {
  const items = useStorage();
  for (const text of ['{', 'null', '7', '[]', '{"k":"<b>"}', '{"k":-1,"alphas":[],"eta":7}']) {
    items.set('gatescope-settings', text);
    assert.deepEqual(recallSettings(), DEFAULTS, text);
  }
  items.set('gatescope-settings', '{"k":8,"backend":"tpu","map_side":1.5,"seed":1,"x":2}');
  assert.deepEqual(recallSettings(), { ...DEFAULTS, k: 8 });
  useStorage(true);
  assert.doesNotThrow(() => rememberSettings({ ...DEFAULTS, k: 3 }));
  assert.deepEqual(recallSettings(), DEFAULTS);
});

test('settings read as differences from the defaults', () => {
  assert.deepEqual(describeDifferences(DEFAULTS), []);
  assert.deepEqual(
    describeDifferences({
      ...DEFAULTS,
      k: 16,
      alphas: [0.3],
      layers: '0-2',
      comparison: 'whole_run',
      function_preserving: false,
    }),
    [
      'k 16 (default 64)',
      'α 0.3 (default 0.1, 0.3)',
      'layers 0-2 (default all)',
      'checkpoint type whole run (default unspecified)',
      'V/O rotations off (default on)',
    ],
  );
  assert.deepEqual(findDifferences({ ...DEFAULTS, k: 16 }), { k: 16 });
});
