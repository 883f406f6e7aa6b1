// What a cell says: a metric beside the random update's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { findMetric } from '../../www/report/metrics.js';
import { describeCellReading } from '../../www/report/reading-words.js';
import { shortTimes } from '../../www/report/short-values.js';
import { compareReadings, measureOf, readCell } from '../../www/report/readings.js';

const matrix = (off, both = 0.99, rest = {}) => ({
  name: 'w',
  shape: [64, 64],
  masks: [],
  geometry: {
    off_principal_share: off,
    shares_uncertainty: 0,
    k: 4,
    requested_k: 4,
    resolved: true,
    exact: true,
    chance: { both },
    ...rest,
  },
});
const cellOf = (...tensors) => ({ layer: 0, module: 'q', tensors });
const OFF = findMetric('off_principal_share');
const read = (metric, ...tensors) => {
  const measure = measureOf(metric, [tensors], 0);
  const cell = cellOf(...tensors);
  const reading = readCell(cell, measure);
  return { measure, reading, lines: describeCellReading(cell, reading, measure) };
};

test('off the principals is read as what it lacks to 1, beside the random update’s lack', () => {
  const { measure, reading, lines } = read(OFF, matrix(0.86));
  assert.equal(measure.label, 'Principal energy');
  assert.equal(measure.kind, 'ratio');
  assert.ok(Math.abs(reading.shown - 14) < 1e-9);
  assert.deepEqual(lines, [
    '14.0\u00a0%',
    'random update of the same size: 1.00\u00a0%',
    '14× random',
    'exact',
  ]);
});

test('a value within noise of the random level is said to be', () => {
  const { lines } = read(OFF, matrix(0.989, 0.99, { shares_uncertainty: 0.002, exact: false }));
  assert.ok(lines.includes('within noise of random'));
  assert.ok(lines.includes('estimated'));
  assert.match(lines[0], / ± /);
});

test('a random level of 0 gives no ratio; values lie around it', () => {
  const linked = {
    ...matrix(0.5),
    overlap: {
      cosine: [
        [null, 0.2],
        [0.2, null],
      ],
      parameters: 9,
    },
  };
  const { measure, reading } = read(findMetric('cosine'), linked);
  assert.equal(measure.kind, 'signed');
  assert.equal(measure.baseline, 'independent runs');
  assert.equal(reading.shown, 0.2);
  // All of the update would lie in the block: 1 − 1 is no level to divide by.
  assert.equal(read(OFF, matrix(0.5, 1), matrix(0.5)).reading.count, 2);
  assert.equal(readCell(cellOf(matrix(0.5, 1)), measureOf(OFF, [[matrix(0.5)]], 0)).shown, null);
});

test('where k covers all directions there is a value but no ratio, and the tip says why', () => {
  const covered = { ...matrix(0, 0.5, { k: 64 }) };
  const { reading, lines } = read(OFF, covered);
  assert.deepEqual([reading.shown, reading.value], [null, 1]);
  assert.ok(lines.includes('k covers all directions'));
});

test('a tensor without the metric has no value, and says why', () => {
  const lacking = { name: 'n', shape: [4], masks: [], geometry: null, geometry_note: 'a vector' };
  const { reading, lines } = read(OFF, lacking);
  assert.deepEqual([reading.shown, reading.value, reading.count], [null, null, 0]);
  assert.deepEqual(lines, ['no value', 'a vector']);
});

test('a cell of many has the median of those with a value, and the spread between tenths', () => {
  const many = Array.from({ length: 11 }, (_, i) => matrix(1 - (i + 1) / 100));
  const { reading, lines } = read(OFF, ...many, matrix(null));
  assert.equal(reading.count, 11);
  assert.ok(Math.abs(reading.shown - 6) < 1e-9);
  assert.deepEqual(
    reading.spread.map((end) => Math.round(end)),
    [2, 10],
  );
  assert.ok(lines.includes('10th to 90th percentile 2.0× to 10×'));
  assert.ok(lines.includes('11 of 12 tensors have a value'));
});

test('a metric that no random update has is read as it is', () => {
  const measure = measureOf(findMetric('sparsity_bf16'), [[]], 0);
  assert.equal(measure.kind, 'plain');
  const tensors = [{ ...matrix(0.5), precision: { sparsity_bf16: 0.25 } }];
  assert.equal(readCell(cellOf(...tensors), measure).shown, 0.25);
});

test('a difference of two runs is a ratio of ratios, else of values; none without both', () => {
  const reading = (shown) => ({ shown, value: shown, random: 1, spread: null, count: 1 });
  assert.equal(compareReadings(reading(6), reading(2), 'ratio'), 3);
  assert.equal(compareReadings(reading(6), reading(2), 'plain'), 4);
  assert.equal(compareReadings(reading(0), reading(0), 'ratio'), 1);
  assert.equal(compareReadings(reading(1), reading(0), 'ratio'), null);
  assert.equal(compareReadings(reading(null), reading(2), 'ratio'), null);
  assert.equal(compareReadings(reading(1), undefined, 'plain'), null);
});

test('ratios in few digits', () => {
  assert.deepEqual([14.04, 9.94, 0.5612, 1, 1.016, 0.9801, 0.00001, 0, 1234].map(shortTimes), [
    '14×',
    '9.9×',
    '0.56×',
    '1×',
    '1.02×',
    '0.98×',
    '<0.001×',
    '0×',
    '1234×',
  ]);
});
