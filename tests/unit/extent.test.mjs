// A part of a model does not pass for the whole, and rounding noise not for a value.
import assert from 'node:assert/strict';
import test from 'node:test';
import { describeCompared, describeRows } from '../../www/report/compared.js';
import { describeDirections } from '../../www/report/directions-words.js';
import { describePart, describePartOfRuns } from '../../www/report/extent.js';
import { degrees, percent } from '../../www/report/format.js';
import { settleNoise } from '../../www/report/noise.js';

const done = { name: 'w', status: 'done' };
const whole = { partial: null, settings: { layers: null } };
const left = (...reasons) => ({
  tensors: [done],
  left_out: reasons.map((reason) => ({ name: 'x', reason, detail: '' })),
});

test('a run is of the whole model where no weight of either side is missing', () => {
  assert.equal(describePart(whole, left()), null);
  assert.equal(describePart(whole, left('duplicate', 'empty', 'buffer', 'not_used')), null);
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
    'part of the model: layers 0-1, 2 of 36 tensors, without 1 left out ' + '(1 because of errors)',
  );
  assert.equal(
    describePart(whole, { ...left(), tensors: [done, { ...done, status: 'failed' }] }),
    'part of the model: without 1 tensor that failed',
  );
  for (const reason of ['only_in_base', 'only_in_tuned', 'shape_differs'])
    assert.equal(describePart(whole, left(reason)), 'part of the model: without 1 left out');
  assert.equal(
    describePart(whole, left('bad_file', 'only_in_base', 'bad_scale', 'bad_file')),
    'part of the model: without 4 left out (3 because of errors)',
  );
});

const coverage = (base, tuned, compared, ofTuned = compared, kept = 0) => ({
  base,
  tuned,
  compared,
  compared_tuned: ofTuned,
  not_adapted: kept,
});

test('the share of the weights is told of each side that lacks some', () => {
  const cases = [
    [null, null],
    [coverage(100, 100, 100), null],
    [coverage(100, 100, 30, 30, 70), null],
    [coverage(22_700, 22_700, 2050), '9.03 % of the weights of the base (2.05 k of 22.7 k)'],
    [
      coverage(100, 400, 100),
      'all weights of the base and 25.0 % of the weights of the tuned checkpoint (100 of 400)',
    ],
    [
      coverage(100, 400, 50, 40),
      '50.0 % of the weights of the base (50 of 100) and 10.0 % of those of the tuned checkpoint ' +
        '(40 of 400)',
    ],
    [coverage(1e6, 1e6, 999_000), '99.90 % of the weights of the base (999 k of 1.00 M)'],
    [{ base: 100, tuned: 100, compared: 7 }, '7.00 % of the weights of the base (7 of 100)'],
  ];
  for (const [found, text] of cases)
    assert.equal(describeCompared(found)?.replaceAll('\u00a0', ' ') ?? null, text);
});

test('the share goes before the reasons, and is a part without any', () => {
  const of = (found, reasons) => ({ ...left(...reasons), coverage: found });
  const text = (...args) => describePart(...args)?.replaceAll('\u00a0', ' ');
  assert.equal(
    text(whole, of(coverage(200, 200, 10), ['only_in_base'])),
    'part of the model: 5.00 % of the weights of the base (10 of 200), without 1 left out',
  );
  assert.equal(
    text(whole, of(coverage(200, 200, 10), [])),
    'part of the model: 5.00 % of the weights of the base (10 of 200)',
  );
});

test('rows of one side only are named, and the model is whole all the same', () => {
  const run = { ...left('rows_differ'), coverage: coverage(100, 104, 100) };
  assert.equal(describePart(whole, run), null);
  assert.equal(describeRows(run), 'rows that only one side has, in x, are not compared');
  assert.match(describeRows(left(...Array(4).fill('rows_differ'))), /, in 4 tensors, are not/);
  assert.equal(describeRows(left('buffer')), null);
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
    describePartOfRuns({ ...whole, runs: [left(), left('only_in_base')] }),
    'part of the model: without 1 left out',
  );
});

test('k that covers all directions of a matrix is said to, with how many matrices', () => {
  const matrix = (shape, k, requested_k = k) => ({
    shape,
    module: 'q',
    geometry: { k, requested_k },
  });
  assert.equal(describeDirections([matrix([32, 24], 8), { shape: [24], geometry: null }]), null);
  assert.match(
    describeDirections([matrix([32, 24], 24, 64), matrix([128, 128], 64), matrix([64, 64], 9, 64)]),
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
