// A run that changes the dtype alone reads as rounding, never as training.
import assert from 'node:assert/strict';
import test from 'node:test';
import { composeAnswer } from '../../www/report/answer.js';
import { isCast } from '../../www/report/cast.js';
import { describeCast, listRounding } from '../../www/report/cast-words.js';
import { findMetric } from '../../www/report/metrics.js';
import { describeNoPlace } from '../../www/report/placement.js';
import '../../www/report/gaps.js';
import { compareWithRandom } from '../../www/report/ratios.js';
import { measureOf } from '../../www/report/readings.js';
import { matrix, report, run, spread } from './answer-reports.mjs';

const plain = (text) => text.replaceAll('\u00a0', ' ');
const text = ({ sentences }) =>
  plain(sentences.map((parts) => parts.map((part) => part.text).join('')).join(' '));

/** A matrix of which `rounded` weights are only rounded. */
function stored(rounded, set = {}) {
  const made = matrix({ unchanged: 5000, off: 0.86, update: 0.2, ...set });
  return {
    ...made,
    dtype_base: 'F16',
    dtype_tuned: 'BF16',
    precision: { ...made.precision, bit_equal: 10 },
    cast: { rounded, rounded_back: 0, rounding: 0.2 },
  };
}

const summary = { from: 'F16', to: 'BF16', rounded: 'tuned', tensors: 4, parameters: 20_000 };
const castRun = (name, set = {}) =>
  run(
    name,
    [0, 1, 2, 3].map((layer) => stored(5000, { layer })),
    {
      model: { key: 'model', tensors: 4, parameters: 20_000, bit_equal: 40, unchanged: 20_000 },
      cast: { ...summary, whole: true, ...set },
    },
  );

test('a run that is a cast says so, and has no place', () => {
  const of = report([castRun('bf16')]);
  const made = composeAnswer(of, { runs: [0], run: 0, alpha: 0 });
  assert.equal(
    text(made),
    'bf16 is a cast of the base from F16 to BF16: no weight changed in bf16. Every weight is the ' +
      'base’s, rounded; the rounding is 0.20 % of ‖W‖.',
  );
  assert.deepEqual([made.sort, made.signals], ['cast', []]);
  assert.match(describeNoPlace(of, 0), /say nothing of the rounding/);
});

test('a base that is the rounded one is not called a cast of itself', () => {
  const found = castRun('f16', { from: 'BF16', to: 'F16', rounded: 'base' });
  assert.equal(
    describeCast(found),
    'differs from the base by less than BF16 can hold: no weight changed in bf16. Rounded from ' +
      'F16 to BF16, every weight is the base’s, as in two casts of one model.',
  );
});

test('beside a trained run a cast is named last, and in no comparison', () => {
  const of = report([run('trained', spread({ off: 0.86 })), castRun('bf16')]);
  const made = text(composeAnswer(of, { runs: [0, 1], run: 0, alpha: 0 }));
  assert.match(made, /^In trained, .* bf16 is a cast of the base from F16 to BF16: /);
  assert.doesNotMatch(made, /Both|bf16 is (on|off|neither)/);
});

test('matrices that are only rounded have no ratio', () => {
  const [cast, trained] = [stored(5000), stored(4990)];
  assert.deepEqual([cast, trained, matrix()].map(isCast), [true, false, false]);
  const readings = compareWithRandom([cast], 0);
  assert.ok(readings.every(({ ratio }) => ratio === null));
  assert.match(readings[0].note, /^the update is the rounding between two dtypes alone$/);
  const [mixed] = compareWithRandom([cast, trained], 0);
  assert.equal(mixed.matrices, 1);
  assert.match(mixed.note, /^1 matrix left out: the update is the rounding/);
  const measure = measureOf(findMetric('off_principal_share'), [[cast, trained]], 0);
  const ratio = (one) => measure.ratio(one, measure.value(one), measure.random(one));
  assert.deepEqual([ratio(cast) === null, ratio(trained) === null], [true, false]);
});

test('an update that holds the error of a quantisation has no place', () => {
  const codes = (dtype) => ({ ...matrix(), dtype_base: 'BF16', dtype_tuned: dtype });
  const of = report([run('fp8', [codes('F8_E4M3')]), run('bf16', [codes('BF16')])]);
  assert.match(describeNoPlace(of, 0), /^Δ holds the error of a quantisation.* as F8_E4M3, those/);
  assert.equal(describeNoPlace(of, 1), null);
  assert.deepEqual(composeAnswer(of, { runs: [0], run: 0, alpha: 0 }).signals, []);
});

test('rounding that is a part of the update is told with its size', () => {
  const trained = run('r', [stored(4990)]);
  assert.deepEqual(listRounding(trained).map(plain), [
    'Stored as BF16, the base as F16: rounding alone would move these weights by 0.20 % of their ' +
      'norm, and is part of Δ.',
  ]);
  const mixed = run('r', [stored(4990), stored(5000)], {
    cast: { ...summary, tensors: 1, whole: false },
  });
  assert.match(listRounding(mixed)[1], /^1 tensor of 2 is only rounded between F16 and BF16/);
  assert.deepEqual(listRounding(run('r', spread())), []);
});
