// Ticks of axes: no two of one axis read the same.
import assert from 'node:assert/strict';
import test from 'node:test';
import { nearestStop } from '../../www/charts/follow.js';
import { findLine, layOut, shortenLabel } from '../../www/charts/heat-layout.js';
import { tickFormat, writeTicks } from '../../www/charts/ticks.js';

test('even ticks have as many decimals as their step', () => {
  assert.deepEqual(writeTicks([10, 10.02, 10.04, 10.06]), ['10.00', '10.02', '10.04', '10.06']);
  assert.deepEqual(writeTicks([0, 0.5, 1, 1.5]), ['0', '0.5', '1.0', '1.5']);
  assert.deepEqual(writeTicks([-20, 0, 20]), ['−20', '0', '20']);
  assert.deepEqual(writeTicks([10000.5, 10001, 10001.5]), ['10000.5', '10001.0', '10001.5']);
});

test('ticks of a log scale are each as short as they can be', () => {
  assert.deepEqual(writeTicks([0.02, 0.5, 2, 10]), ['0.02', '0.5', '2', '10']);
  assert.deepEqual(writeTicks([1e-6, 1e-4, 1]), ['1e−6', '1e−4', '1']);
});

test('very small and very large ticks are told apart by their digits', () => {
  const small = writeTicks([1.00002e-7, 1.00004e-7, 1.00006e-7]);
  assert.equal(new Set(small).size, 3);
  assert.deepEqual(writeTicks([2e6, 2.5e6]), ['2e6', '2.5e6']);
});

test('a format for an axis knows its neighbours', () => {
  const all = [1, 1.5, 2];
  assert.deepEqual(
    all.map((value, i) => tickFormat()(value, i, all)),
    ['1.0', '1.5', '2.0'],
  );
  assert.equal(tickFormat([0.25, 4])(4), '4');
  assert.equal(tickFormat()(7), '7');
});

test('the pointer stops at the nearest place', () => {
  const stops = [0, 10, 30].map((x) => ({ x, lines: [], dots: [] }));
  assert.deepEqual(
    [-5, 4, 6, 19, 21, 90].map((x) => nearestStop(stops, x)),
    [0, 0, 1, 1, 2, 2],
  );
  assert.equal(nearestStop(stops.slice(0, 1), 50), 0);
});

test('cells shrink to 8 px and lose their text; then the chart is wider than its room', () => {
  const lines = (count) => Array.from({ length: count }, (_, i) => ({ label: String(i) }));
  const rows = [{ label: 'q_proj' }, { label: 'down_proj' }];
  const wide = layOut({ rows, columns: lines(6), room: 1300, letters: 4 });
  assert.ok(wide.hasText && wide.width <= 1300 && wide.width > 800);
  const many = layOut({ rows, columns: lines(94), room: 1300, letters: 4 });
  assert.ok(!many.hasText && many.cellWidth >= 8 && many.width <= 1300);
  const narrow = layOut({ rows, columns: lines(94), room: 340, letters: 4 });
  assert.equal(narrow.cellWidth, 8);
  assert.ok(narrow.width > 340);
});

test('groups of columns stand apart, and a place between lines is on none', () => {
  const columns = [0, 1].flatMap((group) => ['0', '1'].map((label) => ({ label, group })));
  const { xs, cellWidth } = layOut({
    rows: [{ label: 'q' }],
    columns,
    room: 400,
    letters: 2,
    isNamed: true,
  });
  assert.ok(xs[2] - xs[1] > cellWidth);
  assert.equal(findLine(xs, cellWidth, xs[1] + cellWidth + 1), -1);
  assert.equal(findLine(xs, cellWidth, xs[2]), 2);
});

test('a long label keeps its two ends', () => {
  assert.equal(shortenLabel('q_proj', 80), 'q_proj');
  const short = shortenLabel('post_attention_layernorm', 100);
  assert.match(short, /^post.*…norm$|^post_.*….*orm$/);
  assert.ok(short.length < 15);
});
