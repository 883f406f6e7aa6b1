// Figures weighted by a Fisher beside chance, by hand; the Fisher as an input of its own.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  klByChance,
  klEnrichment,
  linkFisher,
  summarizeFisher,
  normByChance,
} from '../../www/report/fisher.js';
import { findMetric, availableMetrics } from '../../www/report/metrics.js';
import { fillTuned, currentInput, store } from '../../www/app/state.js';

// Four weights with F = 1, 1, 3, 3 and Δ = 2, 0, 1, 0: Σ F·Δ² = 7; by chance (8/4)·5 = 10. Two of
// them changed, with mass 4 of 8.
const tensor = () => ({
  name: 'model.layers.0.q.weight',
  layer: 0,
  module: 'q',
  parameters: 4,
  masks: [],
  update: { frobenius_update: Math.sqrt(5) },
  fisher: {
    kl_quadratic: 3.5,
    kl_share: 0.7,
    weighted_norm: Math.sqrt(7),
    mass: 8,
    mass_on_changed: 0.5,
    chance: 0.5,
  },
});
const other = () => ({
  name: 'model.norm.weight',
  layer: null,
  module: 'norm',
  parameters: 12,
  masks: [],
  update: { frobenius_update: 1 },
  fisher: {
    kl_quadratic: 1.5,
    kl_share: 0.3,
    weighted_norm: Math.sqrt(3),
    mass: 24,
    mass_on_changed: 0.25,
    chance: 0.5,
  },
});
const near = (found, wanted) =>
  assert.ok(Math.abs(found - wanted) < 1e-12, `${found} beside ${wanted}`);

test('chance is the same update and Fisher, were they independent', () => {
  near(klByChance(tensor()), 5);
  near(normByChance(tensor()), Math.sqrt(10));
  near(klEnrichment(tensor()), 0.7);
});

test('what has no Fisher, no update or no mass has no chance level', () => {
  for (const bare of [
    { ...tensor(), fisher: null },
    { ...tensor(), update: null },
    { ...tensor(), fisher: undefined },
  ]) {
    assert.deepEqual(
      [klByChance(bare), normByChance(bare), klEnrichment(bare)],
      [null, null, null],
    );
  }
  assert.equal(klEnrichment({ ...tensor(), fisher: { ...tensor().fisher, mass: 0 } }), null);
});

test('a tensor’s share stands beside its share of the weights that have figures', () => {
  const [run] = linkFisher({
    runs: [
      {
        tensors: [
          tensor(),
          other(),
          { name: 'x', parameters: 100, fisher: null },
          { name: 'y', parameters: 100 },
        ],
      },
    ],
  }).runs;
  const [weighted] = run.tensors;
  assert.deepEqual(
    [findMetric('kl_share').value(weighted), findMetric('kl_share').chance(weighted)],
    [0.7, 0.25],
  );
  assert.deepEqual(
    [findMetric('mass_on_changed').value(weighted), findMetric('mass_on_changed').chance(weighted)],
    [0.5, 0.5],
  );
});

test('a run’s sums, and the module kind with most of it', () => {
  const modules = [
    { key: 'norm', kl_share: 0.3 },
    { key: 'q', kl_share: 0.7 },
    { key: 'bias', kl_share: null },
  ];
  const { tensors, kl, klChance, massOnChanged, massChance, largest } = summarizeFisher({
    tensors: [tensor(), other(), { fisher: null }],
    modules,
  });
  assert.deepEqual(
    [tensors, kl, massChance, largest.key, largest.weights_share],
    [2, 5, 0.5, 'q', 0.25],
  );
  near(klChance, 6);
  // (8·0.5 + 24·0.25) / 32
  near(massOnChanged, 0.3125);
  assert.equal(summarizeFisher({ tensors: [{ fisher: null }, {}] }), null);
});

test('only a report with a Fisher offers its figures', () => {
  const offered = (tensors) =>
    availableMetrics({ runs: [{ tensors }] }).filter(({ group }) => group === 'Fisher').length;
  assert.deepEqual([offered([tensor()]), offered([{ ...tensor(), fisher: null }])], [5, 0]);
});

test('a session is opened with the Fisher where there is one, else without the field', () => {
  const { state } = store;
  store.set({ base: { name: 'b', files: [1] } });
  fillTuned(state.tuned[0].id, { name: 't', files: [2] });
  assert.ok(!('fisher' in currentInput()));
  store.set({ fisher: { name: 'named ahead of its files', files: null } });
  assert.ok(!('fisher' in currentInput()));
  store.set({ fisher: { name: 'f', files: [3] } });
  assert.deepEqual(currentInput(), {
    base: { name: 'b', files: [1] },
    tuned: [{ name: 't', files: [2] }],
    fisher: { name: 'f', files: [3] },
  });
});
