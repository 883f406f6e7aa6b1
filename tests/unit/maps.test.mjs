// Maps as the report codes them, blocks of singular directions, and their chance levels, by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  MAGNITUDE_ERROR,
  decodeMap,
  cellRange,
  cellWeights,
  correlation,
  decodeShare,
  decodeMagnitude,
  weightedDeviation,
  deviationByChance,
  weightedMean,
} from '../../www/report/maps.js';
import { findMetric, availableMetrics } from '../../www/report/metrics.js';
import { rotationOverChance } from '../../www/report/sin-theta.js';
import { blockChance, blockNames } from '../../www/report/spectrum.js';
import { logTicks } from '../../www/charts/ticks.js';

// A matrix of 5 × 7 in cells of 2 × 3: three rows and three columns of cells, the last of them
// smaller.
const map = { rows: 3, columns: 3, row_group: 2, column_group: 3 };
const SHAPE = [5, 7];
const near = (found, wanted, relative) =>
  assert.ok(Math.abs(found - wanted) <= relative * Math.abs(wanted), `${found} beside ${wanted}`);

test('base64 is a byte a cell, row by row; another number of cells is no map', () => {
  const bytes = decodeMap(Buffer.from([0, 1, 2, 3, 4, 5, 6, 254, 255]).toString('base64'), map);
  assert.deepEqual([...bytes], [0, 1, 2, 3, 4, 5, 6, 254, 255]);
  for (const wrong of [null, undefined, '', 'AAAA', '!', Buffer.alloc(10).toString('base64')])
    assert.equal(decodeMap(wrong, map), null);
});

test('a share is a part of 255', () =>
  assert.deepEqual([0, 1, 255].map(decodeShare), [0, 1 / 255, 1]));

/** The code as the report's definition has it. */
const code = (value, most) =>
  value <= most * 2 ** (-254.5 / 16)
    ? 0
    : Math.min(255, Math.max(1, Math.round(255 + 16 * Math.log2(value / most))));

test('a magnitude comes back within half a step, over all that is coded', () => {
  const most = 3.7e-4;
  assert.equal(decodeMagnitude(255, most), most);
  assert.equal(decodeMagnitude(0, most), 0);
  near(decodeMagnitude(239, most), most / 2, 1e-12);
  near(MAGNITUDE_ERROR, 0.0219, 1e-3);
  for (let i = 0; i < 2000; i += 1) {
    const value = most * 2 ** ((-254.4 * i) / 2000 / 16);
    // The rounding of the logarithm itself: a few ulps beside half a step.
    near(decodeMagnitude(code(value, most), most), value, MAGNITUDE_ERROR + 1e-9);
  }
  assert.equal(decodeMagnitude(code(most * 2 ** -16, most), most), 0);
});

test('cells know their rows and columns, and the last ones are smaller', () => {
  assert.deepEqual(cellRange(map, 0, SHAPE), { rows: [1, 2], columns: [1, 3] });
  assert.deepEqual(cellRange(map, 5, SHAPE), { rows: [3, 4], columns: [7, 7] });
  assert.deepEqual(cellRange(map, 8, SHAPE), { rows: [5, 5], columns: [7, 7] });
  assert.deepEqual([...cellWeights(map, SHAPE)], [6, 6, 2, 6, 6, 2, 3, 3, 1]);
  assert.equal(
    cellWeights(map, SHAPE).reduce((a, b) => a + b),
    35,
  );
});

test('means and correlations are over weights, not over cells', () => {
  assert.equal(weightedMean([1, 0, 0], [1, 2, 1]), 0.25);
  assert.equal(weightedMean([], []), null);
  near(correlation([1, 2, 3], [2, 4, 6], [1, 5, 1]), 1, 1e-12);
  near(correlation([1, 2, 3], [3, 2, 1], [1, 5, 1]), -1, 1e-12);
  // Of the weights 1, 1, 2 at (0, 0), (1, 0), (1, 1): covariance 1/8, variances 3/16 and 1/4.
  near(correlation([0, 1, 1], [0, 0, 1], [1, 1, 2]), 1 / 8 / Math.sqrt((3 / 16) * (1 / 4)), 1e-12);
  assert.equal(correlation([1, 1], [0, 1], [1, 1]), null);
});

test('the spread of cells beside that of independent weights', () => {
  near(weightedDeviation([1, 0, 0], [1, 2, 1]), Math.sqrt(3 / 16), 1e-12);
  // Cells of 4, 4 and 2 weights, p = 1/2: the mean of n_c · p(1−p)/n_c over 10 weights is 3/40.
  near(deviationByChance(0.5, [4, 4, 2]), Math.sqrt(3 / 40), 1e-12);
  assert.equal(deviationByChance(1, [4, 4]), 0);
});

test('blocks of singular directions have names; chance is their share of directions', () => {
  assert.deepEqual(blockNames([1, 2, 4, 8, 10]), ['1', '2', '3–4', '5–8', '9–10']);
  assert.deepEqual(blockNames([1]), ['1']);
  assert.deepEqual(blockChance([1, 2, 4], [4, 8]), {
    left: [0.25, 0.25, 0.5],
    right: [0.125, 0.125, 0.25],
    both: [1 / 32, 1 / 32, 4 / 32],
  });
});

test(
  'figures beside a random update: a level where it is known, none where it is a range or ' +
    'undefined',
  () => {
    const of = (chance) =>
      findMetric('sin_theta_left').chance({
        geometry: { sin_theta: { left: 1, chance_left: chance } },
      });
    assert.deepEqual([of([0.5, 0.5]), of([0.4, 0.5]), of(null)], [0.5, null, null]);
    const tensor = {
      shape: [4, 16],
      update: { stable_rank: 2, chance: { share_top_k: 0.3 } },
      geometry: { chance: { nss: 0.1, nss_top_k: 0.2 } },
    };
    assert.deepEqual(
      ['nss', 'nss_top_k', 'share_top_k'].map((id) => findMetric(id).chance(tensor)),
      [0.1, 0.2, 0.3],
    );
    for (const id of ['nss', 'nss_top_k', 'share_top_k', 'sin_theta_right'])
      assert.equal(
        findMetric(id).chance({ shape: [4, 16], geometry: { chance: {} }, update: {} }),
        null,
      );
    const ids = (geometry) =>
      availableMetrics({ runs: [{ tensors: [{ geometry: null }, { geometry }] }] }).map(
        ({ id }) => id,
      );
    assert.deepEqual([ids({ sin_theta: { left: 0.1 } }), ids({})], [['sin_theta_left'], []]);
  },
);

test(
  'rotation over chance: the median over matrices, both sides as one; a range where a level is ' +
    'one',
  () => {
    const of = (left, right, chance) => ({
      geometry: { sin_theta: { left, right, chance_left: chance, chance_right: chance } },
    });
    assert.deepEqual(
      rotationOverChance([
        of(3, 3, [1, 1]),
        of(1, 1, [1, 1]),
        of(4, 4, [1, 2]),
        { geometry: null },
      ]),
      { matrices: 3, low: 2, high: 3 },
    );
    assert.equal(rotationOverChance([of(1, 1, null), of(0, 0, [0, 0]), {}]), null);
  },
);

test('a log axis has labels, however short it is', () => {
  assert.deepEqual(logTicks([0.02, 3]), [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(logTicks([1e-6, 1]), [1e-6, 1e-4, 1e-2, 1]);
  assert.deepEqual(logTicks([3.05, 3.42]), [3.1, 3.2, 3.3, 3.4]);
  assert.deepEqual(logTicks([2.1, 4.9]), [3, 4]);
  assert.deepEqual(logTicks([7, 7]), []);
});
