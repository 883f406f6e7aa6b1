// From values to steps of colour, and what the legend says of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { legendMarks } from '../../www/charts/heat-legend.js';
import { bulkOf, scaleOf } from '../../www/report/colour-scale.js';
import { shortTimes } from '../../www/report/short-values.js';

const spread = (count, from, to) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
const texts = (scale, write = shortTimes, middle = '1×') =>
  legendMarks(scale, write, middle).map(({ text }) => text);

test('one outlier takes no contrast from the others; the legend says that it lies beyond', () => {
  const scale = scaleOf([...spread(43, 0.5, 2), 69], 'ratio');
  assert.deepEqual([scale.low, scale.high], [0.5, 2]);
  assert.deepEqual([scale.below, scale.above], [false, true]);
  assert.equal(scale.stepOf(69), 9);
  assert.ok(new Set(spread(43, 0.5, 2).map(scale.stepOf)).size >= 8);
  assert.deepEqual(texts(scale), ['0.5×', '1×', '≥ 2×']);
  const plain = scaleOf([...spread(43, 1, 2), 69.4], 'plain');
  assert.ok(plain.high < 2.1 && plain.above && !plain.below === plain.low <= 1);
  assert.equal(new Set(spread(43, 1, 2).map(plain.stepOf)).size, 5);
});

test('ratios are symmetric around 1×, at least to twice and half', () => {
  const scale = scaleOf([1, 1.001, 0.999], 'ratio');
  assert.equal(scale.high, 2);
  assert.ok(Math.abs(scale.low * scale.high - 1) < 1e-12);
  assert.deepEqual([1, 0.95, 1.03].map(scale.stepOf), [5, 5, 5]);
  const wide = scaleOf(spread(40, 2, 14), 'ratio');
  assert.deepEqual([wide.low, wide.high], [1 / 15, 15]);
  assert.ok(wide.stepOf(2) > 5);
  // Where all values lie on one side, the key has that side alone.
  assert.deepEqual(texts(wide), ['1×', '15×']);
  assert.deepEqual(texts(scaleOf(spread(9, 0.1, 0.5), 'ratio')), ['≤ 0.13×', '1×']);
});

test('a ratio of 0 has the lowest colour', () => {
  const scale = scaleOf([0, 0.5, 1, 2], 'ratio');
  assert.deepEqual([scale.stepOf(0), scale.below], [1, true]);
  assert.deepEqual(texts(scale), ['≤ 0.5×', '1×', '2×']);
  const nothing = scaleOf([0, 0, 0], 'ratio');
  assert.deepEqual([nothing.equal, nothing.stepOf(0)], [0, 1]);
});

test('all equal is said, with the value, and not as a range around it', () => {
  const write = (value) => `${100 * value} %`;
  assert.deepEqual(texts(scaleOf([1, 1, 1], 'plain'), write), ['all equal: 100 %']);
  assert.deepEqual(texts(scaleOf([3, 3], 'ratio')), ['all equal: 3×']);
  assert.deepEqual(texts(scaleOf([0.1 + 0.2, 0.3], 'plain')), ['all equal: 0.3×']);
  const steps = [0.2, 0.2].map(scaleOf([0.2, 0.2], 'plain').stepOf);
  assert.deepEqual(steps, [3, 3]);
});

test('one cell: its value, not “all equal”', () => {
  assert.deepEqual(texts(scaleOf([0.5], 'plain')), ['0.5×']);
  assert.deepEqual(texts(scaleOf([4], 'ratio')), ['0.25×', '1×', '4×']);
  assert.equal(scaleOf([4], 'ratio').stepOf(4), 9);
});

test('what is undefined has no part in a scale, and a scale of nothing has no marks', () => {
  const scale = scaleOf([null, undefined, NaN, Infinity, 2, 0.5], 'ratio');
  assert.deepEqual([scale.count, scale.low, scale.high], [2, 0.5, 2]);
  assert.deepEqual(texts(scaleOf([null, NaN], 'ratio')), []);
  assert.equal(scaleOf([], 'plain').count, 0);
});

test('differences lie around 0, however small', () => {
  const scale = scaleOf([-0.001, 0.003, 0], 'signed');
  assert.deepEqual([scale.low, scale.high, scale.stepOf(0)], [-0.003, 0.003, 5]);
  assert.deepEqual([-1, 1].map(scale.stepOf), [1, 9]);
  assert.equal(scaleOf([...Array(50).fill(0), 1], 'signed').high, 1);
});

test('values over powers of ten have a log scale, unless one is negative', () => {
  const scale = scaleOf([1e-4, 1e-3, 1e-2, 1e-1, 1], 'plain', true);
  assert.deepEqual([1e-4, 1e-2, 1].map(scale.stepOf), [1, 3, 5]);
  assert.equal(scaleOf([-1, 1e-4, 1], 'plain', true).low, -1);
  assert.equal(scaleOf([0, 1e-4, 1], 'plain', true).stepOf(0), 1);
});

test('few values have no bulk: their ends are the scale’s', () => {
  assert.deepEqual(bulkOf([3, 1, 2]), [1, 3]);
  assert.deepEqual(bulkOf(spread(101, 0, 100)), [2, 98]);
  assert.deepEqual(bulkOf([...spread(9, 1, 9), 1000]), [2, 9]);
});
