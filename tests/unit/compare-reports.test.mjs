import assert from 'node:assert/strict';
import test from 'node:test';
import { compareReports, listDifferences, rename } from '../../scripts/compare-reports.mjs';

test('a field that is renamed keeps its indices, another one its path', () => {
  const renamed = new Map([
    ['runs.*.tensors.*.old', 'runs.*.tensors.*.now'],
    ['runs.*.gone', null],
  ]);
  assert.equal(rename('runs.3.tensors.12.old', renamed), 'runs.3.tensors.12.now');
  assert.equal(rename('runs.3.gone', renamed), null);
  assert.equal(rename('runs.3.tensors.12.other', renamed), 'runs.3.tensors.12.other');
});

test('what differs, goes away or is new is told, times are not', () => {
  const before = { a: [1, 2], b: null, created: 'then', c: 1 };
  const after = { a: [1, 3], b: 0, created: 'now', d: {} };
  assert.deepEqual(listDifferences(before, after), [
    'a.1: 2 → 3',
    'b: null → 0',
    'c: 1 is gone',
    'd: {} is new',
  ]);
  assert.deepEqual(listDifferences(before, before), []);
});

test('a sentence in other words is listed apart; a word or a sentence that goes differs', () => {
  const left = (reason, detail) => ({ left_out: [{ reason, detail }] });
  assert.deepEqual(compareReports(left('empty', 'It is.'), left('empty', 'It was.')), {
    lines: [],
    sentences: ['left_out.0.detail: It is. → It was.'],
  });
  assert.equal(listDifferences(left('empty', 'It is.'), left('failed', 'It is.')).length, 1);
  assert.equal(listDifferences(left('empty', 'It is.'), left('empty', null)).length, 1);
});
