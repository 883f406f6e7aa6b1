// What a run is expected to take, by what runs took in this browser.
import assert from 'node:assert/strict';
import test from 'node:test';
import { recallPace, rememberPace } from '../../www/app/pace.js';
import { trackProgress } from '../../www/engine/progress.js';

test('the pace of the last long run on the CPU is remembered', () => {
  const kept = new Map();
  globalThis.localStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
  };
  const backend = { kind: 'cpu', adapter: null, detail: '', workers: 4 };
  assert.deepEqual(recallPace(), { pace: 2.2, measured: false });
  for (const useless of [
    { expected: 10, seconds: 2, backend },
    { expected: 0, seconds: 20, backend },
    { expected: 10, seconds: 20, backend: { ...backend, kind: 'gpu' } },
    { expected: 10, seconds: 20, backend: null },
  ])
    rememberPace(useless);
  assert.equal(recallPace().measured, false);
  rememberPace({ expected: 10, seconds: 20, backend });
  assert.deepEqual(recallPace(), { pace: 8, measured: true });
  kept.set([...kept.keys()][0], 'nonsense');
  assert.equal(recallPace().measured, false);
  globalThis.localStorage = undefined;
  assert.equal(recallPace().measured, false);
});

test('what is left of many small tensors is told after a few of them', () => {
  let now = 0;
  const tasks = Array.from({ length: 10_000 }, (_, i) => ({ name: `${i}`, cost: 0.02 }));
  const track = trackProgress(tasks, { now: () => now });
  const finish = (from, to) => tasks.slice(from, to).forEach((task) => track.finish(task));
  finish(0, 2);
  now = 4000;
  assert.equal(track.state().seconds_left, null, 'two tensors say too little');
  finish(2, 20);
  now = 40_000;
  // 2 s each.
  assert.ok(Math.abs(track.state().seconds_left - 2 * 9980) < 1);
});
