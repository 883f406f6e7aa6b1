// The sentence on a report's check.

import assert from 'node:assert/strict';
import test from 'node:test';

import { describeCheck } from '../../www/report/checked.js';

test('a check is told in one sentence, and a report without one says nothing', () => {
  const check = {
    tensors: 1,
    figures: 37,
    counts_differ: 0,
    largest_deviation: 2.31e-8,
    figure: 'geometry.rotation_max',
    tensor: 'w',
    run: 0,
  };
  const say = (changes) => describeCheck({ check: { ...check, ...changes } });
  assert.equal(
    say({}),
    '37 figures of 1 tensor were computed again in float64 by another route: counts are equal, ' +
      'the largest deviation is 2.3e-8 (geometry.rotation_max of w).',
  );
  assert.match(say({ counts_differ: 2, tensors: 3 }), /of 3 tensors .*: 2 counts differ, /);
  assert.match(say({ largest_deviation: 0 }), /nothing deviates\.$/);
  assert.equal(describeCheck({}), null);
});
