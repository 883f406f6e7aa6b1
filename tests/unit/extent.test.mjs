// A part of a model does not pass for the whole, and rounding noise not for a value.
import assert from 'node:assert/strict';
import test from 'node:test';
import { describeCoverage } from '../../www/report/coverage-words.js';
import { describePart, describePartOfRuns } from '../../www/report/extent.js';
import { degrees, percent } from '../../www/report/format.js';
import { settleNoise } from '../../www/report/noise.js';

const done = { name: 'w', status: 'done' };
const whole = { partial: null, settings: { layers: null } };
const left = (...reasons) => ({
  tensors: [done],
  left_out: reasons.map((reason) => ({ name: 'x', reason, detail: '' })),
});

test('a run is of the whole model where nothing of the base is missing', () => {
  assert.equal(describePart(whole, left()), null);
  assert.equal(describePart(whole, left('duplicate', 'empty', 'only_in_tuned')), null);
  assert.equal(describePart(whole, left('not_adapted')), null);
});

test('a cancelled run, selected layers, failures and what was left out make it a part', () => {
  const partial = { finished: 2, total: 36, reason: 'cancelled' };
  const layers = { settings: { layers: '0-1' } };
  assert.equal(describePart({ ...whole, partial }, left()), 'part of the model: 2 of 36 tensors');
  assert.equal(
    describePart({ ...whole, ...layers }, left('layer_not_selected')),
    'part of the model: layers 0-1',
  );
  assert.equal(
    describePart({ partial, ...layers }, left('layer_not_selected', 'missing_shard')),
    'part of the model: layers 0-1, 2 of 36 tensors, without 1 left out',
  );
  assert.equal(
    describePart(whole, { ...left(), tensors: [done, { ...done, status: 'failed' }] }),
    'part of the model: without 1 tensor that failed',
  );
  for (const reason of ['only_in_base', 'shape_differs', 'bad_file', 'unsupported_dtype'])
    assert.equal(describePart(whole, left(reason)), 'part of the model: without 1 left out');
});

test('a single layer is named as one', () => {
  assert.equal(
    describePart({ ...whole, settings: { layers: '7' } }, left()),
    'part of the model: layer 7',
  );
});

test('runs together are a part where one of them is', () => {
  assert.equal(describePartOfRuns({ ...whole, runs: [left(), left()] }), null);
  assert.equal(
    describePartOfRuns({ ...whole, runs: [left(), left('bad_file')] }),
    'part of the model: without 1 left out',
  );
});

test('k that covers all directions of a matrix is said to, with how many matrices', () => {
  const matrix = (shape, k, requested_k = k) => ({
    shape,
    module: 'q',
    geometry: { k, requested_k },
  });
  assert.equal(describeCoverage([matrix([32, 24], 8), { shape: [24], geometry: null }]), null);
  assert.match(
    describeCoverage([matrix([32, 24], 24, 64), matrix([128, 128], 64), matrix([64, 64], 9, 64)]),
    /^2 of 3 matrices left out: k covers all their directions \(q\); try k = 4$/,
  );
});

const noisy = () => ({
  runs: [
    {
      model: {
        spectral: {
          rotation_median: { count: 2, mean: 4e-14, min: 0, median: 8.85e-14, max: 1e-13 },
          off_principal_share: { count: 2, mean: 0.2, min: -2e-16, median: 0.2, max: 0.4 },
          nss: { count: 2, mean: 1e-13, min: 1e-13, median: 1e-13, max: 1e-13 },
        },
      },
      tensors: [
        {
          heads: { rotation: [3e-14, 2] },
          geometry: {
            rotation_max: 9.33e-14,
            rotation_median: 0,
            off_principal_share: 2.2e-16,
            angles_left: [9.33e-14, 0],
            sin_theta: { left: 4e-15, right: 0.1 },
            sweep: [{ k: 24, rotation_max: 5e-14, off_principal_left: -1e-16 }],
          },
        },
      ],
    },
  ],
});

test('angles and shares that are 0 but for rounding read 0, and other values stay', () => {
  const { model, tensors } = settleNoise(noisy()).runs[0];
  const [{ geometry, heads }] = tensors;
  const { rotation_median: median, off_principal_share: share, nss } = model.spectral;
  assert.deepEqual([degrees(median.median), percent(share.min)], ['0°', '0\u00a0%']);
  assert.deepEqual([median.max, share.mean, nss.mean], [0, 0.2, 1e-13]);
  assert.deepEqual(heads.rotation, [0, 2]);
  assert.deepEqual(geometry.angles_left, [0, 0]);
  assert.deepEqual(geometry.sin_theta, { left: 0, right: 0.1 });
  const [point] = geometry.sweep;
  assert.deepEqual(
    [geometry.rotation_max, geometry.off_principal_share, point.rotation_max],
    [0, 0, 0],
  );
  assert.equal(point.off_principal_left, 0);
});

test('an angle that a change of one weight can give is not noise', () => {
  const report = noisy();
  report.runs[0].tensors[0].geometry.rotation_max = 2e-9;
  assert.equal(settleNoise(report).runs[0].tensors[0].geometry.rotation_max, 2e-9);
});
