import assert from 'node:assert/strict';
import test from 'node:test';
import { cargoCounts, checkCounts, nodeCounts, pytestCounts } from './counts.mjs';
import { verdict } from './runner.mjs';

test('cargo: all test binaries are added up', () => {
  const output =
    'test result: ok. 3 passed; 0 failed; 1 ignored; finished in 0.1s\n' +
    '\x1b[31mtest result: FAILED. 2 passed; 4 failed; 0 ignored\x1b[0m\n';
  assert.deepEqual(cargoCounts(output), { passed: 5, failed: 4 });
});

test('cargo: a build that fails says nothing', () => {
  assert.equal(cargoCounts('error[E0308]: mismatched types\n'), null);
});

test('node: cancelled tests count as failed, skipped ones not at all', () => {
  assert.deepEqual(nodeCounts('ℹ tests 7\nℹ pass 3\nℹ fail 1\nℹ cancelled 2\nℹ skipped 1\n'), {
    passed: 3,
    failed: 3,
  });
  assert.deepEqual(nodeCounts('# pass 2\n# fail 0\n# cancelled 0\n'), { passed: 2, failed: 0 });
});

test('pytest: errors count as failed', () => {
  assert.deepEqual(pytestCounts('...\n== 1 failed, 12 passed, 2 errors in 3.20s ==\n'), {
    passed: 12,
    failed: 3,
  });
  assert.deepEqual(pytestCounts('12 passed in 0.05s\n'), { passed: 12, failed: 0 });
  assert.equal(pytestCounts('no tests ran in 0.01s\n'), null);
});

test('check: the last line counts, whatever a tool prints', () => {
  const output = '1 passed, 0 failed\nok      eslint\n\n10 passed, 2 failed\n';
  assert.deepEqual(checkCounts(output), { passed: 10, failed: 2 });
  assert.equal(checkCounts('error: there is no tool x\n'), null);
});

test('a suite that died or ran nothing has failed', () => {
  assert.equal(verdict(false, null).failed, 1);
  assert.equal(verdict(true, { passed: 0, failed: 0 }).failed, 1);
  assert.equal(verdict(false, { passed: 9, failed: 0 }).failed, 1);
  assert.equal(verdict(false, { passed: 9, failed: 2 }).failed, 2);
  assert.equal(verdict(true, { passed: 9, failed: 0 }).failed, 0);
});
