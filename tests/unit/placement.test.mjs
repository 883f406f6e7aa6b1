// Published ranges: of whole runs of whole models, at their own α, and a place is no verdict.
import assert from 'node:assert/strict';
import test from 'node:test';
import '../../www/report/gaps.js';
import { findFigure } from '../../www/report/figures.js';
import { PUBLISHED, describeNoPlace, placeAmong, placeRun } from '../../www/report/placement.js';
import { PUBLISHED_WORDS } from '../../www/report/published-words.js';
import { ABOUT, REPORTED_EXCESS } from '../../www/report/reported.js';
import { matrix, report, run, spread } from './answer-reports.mjs';

const places = (tensors, set = {}) =>
  Object.fromEntries(
    placeRun(report([run('r', tensors)], set), 0).map(({ published, place, why }) => [
      published.metric,
      place ?? why,
    ]),
  );

const at64 = { settings: { k: 64, alphas: [0.3], comparison: null } };

test('a value lies in a range, between the two, or outside', () => {
  const ranges = { RLVR: [1, 2], SFT: [10, Infinity] };
  assert.deepEqual(
    [1, 2, 2.1, 9.9, 10, 1e9, 0.9].map((value) => placeAmong(value, ranges)),
    ['RLVR', 'RLVR', 'between', 'between', 'SFT', 'SFT', 'outside'],
  );
  assert.equal(placeAmong(5, { RLVR: [0, 1] }), 'outside');
});

test('each published quantity has a value beside it, in its words and from its source', () => {
  for (const { metric, source } of PUBLISHED) {
    const { reported } = findFigure(metric);
    const { text } = PUBLISHED_WORDS[metric];
    assert.ok(reported.text.endsWith(text), `${metric}: “${reported.text}”, “${text}”`);
    assert.equal(reported.paper, source);
  }
  assert.deepEqual(REPORTED_EXCESS.SFT, [89, 1364]);
});

test('“about” means what the findings say that it does', () => {
  assert.deepEqual(ABOUT, { times: 3, share: 0.05 });
});

test('all metrics of a run that lies where RLVR does, at the published k', () => {
  assert.deepEqual(
    places(
      spread({
        unchanged: 2500,
        nss: 1e-5,
        angle: 0.4,
        principal: 0.25,
        low: 0.73,
        excess: 1.3,
      }),
      at64,
    ),
    {
      sparsity_bf16: 'RLVR',
      nss: 'RLVR',
      rotation_max: 'RLVR',
      principal_overlap: 'published for RLVR alone',
      low_overlap: 'RLVR',
      spectral_excess: 'RLVR',
    },
  );
});

test('what is published at a k has a place at that k alone', () => {
  const tensors = spread({ angle: 0.4, principal: 0.25 });
  const { rotation_max: rotation, principal_overlap: principal } = places(tensors);
  assert.deepEqual([rotation, principal], Array(2).fill('published at k = 64'));
  assert.equal(places(tensors, at64).rotation_max, 'RLVR');
});

test('what a random update gives, too, has no place', () => {
  const { rotation_max, nss, spectral_excess } = places(spread(), at64);
  assert.deepEqual(
    [rotation_max, nss, spectral_excess],
    Array(3).fill('within noise of a random update'),
  );
});

test('without its random baseline a value has no place', () => {
  assert.equal(places([matrix({ nss: 5e-3 })]).nss, 'SFT');
  const old = matrix({ nss: 5e-3 });
  old.geometry.chance.nss = null;
  assert.equal(places([old]).nss, 'its random baseline is not known');
});

test('a place is within the published number or what counts as about it', () => {
  for (const { stated, ranges } of PUBLISHED)
    for (const [kind, [low, high]] of Object.entries(stated))
      assert.ok(ranges[kind][0] <= low && ranges[kind][1] >= high);
  const { stated } = PUBLISHED.find(({ metric }) => metric === 'low_overlap');
  assert.deepEqual(stated, { RLVR: [0.73, 0.73], SFT: [0.32, 0.32] });
});

test('masks have a place at the published α alone', () => {
  const settings = { k: 4, alphas: [0.1], comparison: null };
  const {
    low_overlap: low,
    principal_overlap: principal,
    nss,
  } = places(spread({ nss: 3e-3 }), { settings });
  assert.deepEqual([low, principal, nss], [...Array(2).fill('published at α = 0.3 only'), 'SFT']);
});

test('the spectrum of some matrices is not that of the run', () => {
  const { nss, spectral_excess: excess } = places([matrix(), matrix({ exact: false })]);
  assert.deepEqual([nss, excess], Array(2).fill('known for 1 of 2 matrices only'));
});

test('the excess of bases without full rank has another baseline', () => {
  const low = matrix();
  low.geometry.chance.spectral_excess = 85;
  assert.equal(places([low]).spectral_excess, 'published for matrices of full rank');
});

test('published ranges say nothing of steps, parts, adapters and deltas without a base', () => {
  const plain = () => run('r', spread());
  const why = (set, one = plain()) => describeNoPlace(report([one], set), 0);
  assert.equal(why({}), null);
  assert.match(why({ base: null }), /take the base/);
  assert.match(why({ settings: { comparison: 'steps' } }), /whole runs/);
  assert.match(why({ partial: { finished: 1, total: 2 } }), /whole models/);
  const adapted = run('r', [{ ...matrix(), adapter: { rank: 8 } }]);
  assert.match(why({}, adapted), /adapter/);
});
