// What a merge keeps of an adapter, summed over its tensors by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import { summarizeAdapter, isAdapter, unchangedAfterMerge } from '../../www/report/adapter.js';
import { findMetric, availableMetrics } from '../../www/report/metrics.js';

const tensor = (adapter, norm, rest = {}) => ({
  name: 'w',
  update: { frobenius_update: norm },
  masks: [],
  adapter,
  ...rest,
});
const one = {
  rank: 8,
  scale: 2,
  touched: 100,
  survives: 0.5,
  realized: 1,
  merge_error: 0.6,
  a_principal: 0.3,
  a_chance: 0.1,
  b_principal: null,
  b_chance: null,
};
const other = {
  ...one,
  rank: 4,
  scale: 0.5,
  touched: 300,
  survives: 0.9,
  realized: 0.8,
  merge_error: 0.8,
};
const run = { tensors: [tensor(one, 1), tensor(other, 3), tensor(null, 5)] };

test('what survives is weighted by the weights touched, what is realized by ‖Δ‖²', () => {
  const { mergeError, realized, ...sums } = summarizeAdapter(run);
  assert.deepEqual(sums, {
    tensors: 2,
    ranks: [4, 8],
    scales: [0.5, 2],
    touched: 400,
    changed: 320,
    survives: 0.8,
  });
  // (1·1 + 9·0.8)/10 and √((1·0.36 + 9·0.64)/10)
  assert.ok(Math.abs(realized - 0.82) < 1e-12 && Math.abs(mergeError - Math.sqrt(0.612)) < 1e-12);
});

test('an adapter of zeros has no share of anything, and a run without one is none', () => {
  const zero = { ...one, touched: 0, survives: null, realized: null, merge_error: null };
  const { survives, realized, mergeError } = summarizeAdapter({ tensors: [tensor(zero, 0)] });
  assert.deepEqual([survives, realized, mergeError], [null, null, null]);
  assert.equal(summarizeAdapter({ tensors: [tensor(null, 1), tensor(undefined, 1)] }), null);
  assert.deepEqual([run, { tensors: [] }, { tensors: [tensor(null, 1)] }].map(isAdapter), [
    true,
    false,
    false,
  ]);
});

test('the whole model after a merge: only where nothing else was left out', () => {
  const merged = (reasons) => ({
    model: { parameters: 400, unchanged: 80 },
    left_out: reasons.map((reason) => ({ reason })),
  });
  const report = { base: { parameters: 1000 }, partial: null };
  for (const reasons of [['not_adapted', 'not_adapted'], []])
    assert.ok(Math.abs(unchangedAfterMerge(merged(reasons), report) - 0.68) < 1e-12);
  for (const [adapted, whole] of [
    [merged(['not_adapted', 'layer_not_selected']), report],
    [merged([]), { ...report, partial: { finished: 1 } }],
  ])
    assert.equal(unchangedAfterMerge(adapted, whole), null);
});

test('its metrics are offered where there is one, and have their chance', () => {
  const ids = (tensors) =>
    availableMetrics({ runs: [{ tensors }] })
      .filter(({ group }) => group === 'Adapter')
      .map(({ id }) => id);
  assert.deepEqual(ids(run.tensors), ['survives', 'realized', 'merge_error', 'a_principal']);
  assert.deepEqual(ids([tensor(null, 1)]), []);
  assert.deepEqual(
    [
      findMetric('survives').value(run.tensors[0]),
      findMetric('a_principal').value(run.tensors[0]),
      findMetric('a_principal').chance(run.tensors[0]),
    ],
    [0.5, 0.3, 0.1],
  );
});
