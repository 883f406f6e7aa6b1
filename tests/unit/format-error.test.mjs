// Errors beside their values: two digits, and no zeros that say nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { degrees, formatError, number, percent, times, within } from '../../www/report/format.js';

test('an error has two digits at most, and a value without a visible one stands alone', () => {
  for (const [format, error, wanted] of [
    [number, 0.0160123, '0.016'],
    [number, 1.503e-5, '1.5e−5'],
    [number, 0.1, '0.1'],
    [number, 100, '100'],
    [number, 123.4, '120'],
    [percent, 0.12, '12\u00a0%'],
    [degrees, 16.4321, '16°'],
    [times, 0.11, '0.11×'],
    [number, null, '–'],
  ])
    assert.equal(formatError(format, error), wanted);
  assert.equal(within(degrees, 37.1, 16.4), '37.1° ± 16°');
  assert.equal(within(degrees, 37.1, 1e-9), '37.1°');
});
