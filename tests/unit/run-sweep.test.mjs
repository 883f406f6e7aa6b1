// A run at the ranks of its sweep, from a rollup made by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sweepOfRun } from '../../www/report/run-sweep.js';

const means = (values) =>
  Object.fromEntries(Object.entries(values).map(([name, mean]) => [name, { count: 2, mean }]));
const masks = (overlap) => [
  { overlap, chance: 0.1 },
  { overlap: 2 * overlap, chance: 0.3 },
];
const run = (sweep) => ({ model: { sweep } });

test('means and their chance levels take the places of a matrix’s own figures', () => {
  const spectral = means({
    off_principal_share: 0.9,
    off_principal_chance: 0.99,
    off_principal_left: 0.8,
    off_principal_left_chance: 0.95,
    off_principal_right: 0.7,
    off_principal_right_chance: 0.94,
    nss_top_k: 2e-3,
    nss_top_k_chance: 1e-3,
    rotation_max: 5,
    rotation_max_chance: 4,
    rotation_median: 2,
    rotation_median_chance: 1,
  });
  assert.deepEqual(sweepOfRun(run([{ k: 1, matrices: 4, spectral, principal: masks(0.2) }]), 1), [
    {
      k: 1,
      matrices: 4,
      off_principal_share: 0.9,
      off_principal_left: 0.8,
      off_principal_right: 0.7,
      nss_top_k: 2e-3,
      rotation_max: 5,
      rotation_median: 2,
      resolved: true,
      chance: {
        both: 0.99,
        left: 0.95,
        right: 0.94,
        nss_top_k: 1e-3,
        rotation_max: 4,
        rotation_median: 1,
      },
      principal: { overlap: 0.4, chance: 0.3 },
    },
  ]);
});

test('missing means are null; ranks of few matrices and older reports give none', () => {
  const at = (k, matrices) => ({ k, matrices, spectral: {}, principal: [] });
  const found = sweepOfRun(run([at(1, 40), at(2, 40), at(3, 19), at(4, 20)]), 0);
  assert.deepEqual(
    found.map(({ k }) => k),
    [1, 2, 4],
  );
  assert.deepEqual(
    [found[0].rotation_max, found[0].resolved, found[0].chance.both, found[0].principal],
    [null, false, null, null],
  );
  assert.deepEqual(sweepOfRun({ model: {} }, 0), []);
});
