// What a terminal is told of a finished run, and which reasons are errors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { describeErrors, describeExtent } from '../../www/report/outcome.js';
import { ERRORS } from '../../www/report/reasons.js';

const plain = (text) => text.replaceAll('\u00a0', ' ');
const coverage = { base: 100, tuned: 100, compared: 100, compared_tuned: 100, not_adapted: 0 };
const outcome = (set = {}) => ({ name: 'run', tensors: 2, coverage, left_out: [], ...set });

test('the share of the weights stands before all else', () => {
  assert.equal(describeExtent(outcome()), 'run: 2 tensors compared, all 100 weights');
  assert.equal(
    plain(describeExtent(outcome({ coverage: { ...coverage, compared: 2, compared_tuned: 2 } }))),
    'run: 2 tensors compared, 2.00 % of the weights of the base (2 of 100)',
  );
  assert.equal(describeExtent(outcome({ coverage: null })), 'run: 2 tensors read');
  assert.match(
    describeExtent(outcome({ cast: { from: 'F16', to: 'BF16', whole: true } })),
    /all 100 weights\. Nothing differs but by rounding: run is stored as BF16, the base as F16$/,
  );
});

test('what went wrong is told by reason, with an example of each', () => {
  const left = (name, reason, detail) => ({ name, reason, detail });
  assert.equal(describeErrors(outcome({ left_out: [left('a', 'only_in_base', 'x')] })), null);
  const wrong = [
    left('a', 'bad_scale', 'its scale is missing'),
    left('b', 'failed', 'b: out of memory'),
    left('c', 'bad_scale', 'its scale is missing'),
    left('d', 'buffer', 'a mask'),
  ];
  assert.equal(
    describeErrors(outcome({ left_out: wrong })),
    'run: 3 left out because of errors: 2 scale not usable (as a: its scale is missing); ' +
      '1 failed (as b: out of memory)',
  );
});

test('the reasons that are errors are those of the analyser', () => {
  const source = readFileSync(
    new URL('../../crate/src/checkpoint/summary.rs', import.meta.url),
    'utf8',
  );
  const [, list] = /match self \{\s*([^=]*)=> true/.exec(source);
  const words = list
    .trim()
    .split(/\s*\|\s*/)
    .map((name) =>
      name
        .trim()
        .replace(/(?<!^)[A-Z]/g, '_$&')
        .toLowerCase(),
    );
  assert.deepEqual([...ERRORS].sort(), words.sort());
});
