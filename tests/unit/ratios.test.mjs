// Values beside a random update of the same size: over the same matrices, and no noise for a value.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { describeReading } from '../../www/report/describe-reading.js';
import '../../www/report/gaps.js';
import { compareWithRandom, measureChange } from '../../www/report/ratios.js';
import { roundShare, roundTimes } from '../../www/report/rounding.js';
import { ROWS } from '../../www/report/rows.js';
import { findFigure } from '../../www/report/figures.js';
import { matrix, vector } from './answer-reports.mjs';

const read = (tensors, metric, alpha = 0) =>
  compareWithRandom(tensors, alpha).find((reading) => reading.metric === metric);
const near = (found, wanted) =>
  assert.ok(Math.abs(found - wanted) < 1e-9 * Math.max(1, Math.abs(wanted)), `${found}, ${wanted}`);

test('every row is a metric that the page offers, with a random baseline', () => {
  for (const { id } of ROWS) {
    const { page, chance } = findFigure(id);
    assert.ok(page !== 'nowhere' && chance, id);
  }
});

test('a ratio is the mean over the mean of the baseline, over matrices alone', () => {
  const tensors = [
    matrix({ nss: 4e-3, stable: 2 }),
    matrix({ nss: 8e-3, stable: 4 }),
    vector({ update: 3 }),
  ];
  const nss = read(tensors, 'nss');
  near(nss.ratio, 3);
  assert.deepEqual([nss.matrices, nss.of, nss.exact, nss.noise, nss.note], [2, 2, 2, false, null]);
  near(read(tensors, 'stable_rank').ratio, 0.3);
});

test('principal energy is what the off-principal share lacks to 1, and so is its baseline', () => {
  const energy = read([matrix({ off: 0.86 })], 'off_principal_share');
  near(energy.value, 0.14);
  near(energy.baseline, 0.01);
  near(energy.ratio, 14);
});

test('a matrix without value or baseline is in neither mean', () => {
  const [one, two, three] = [matrix({ off: 0.9 }), matrix({ off: null }), matrix()];
  three.geometry.chance.both = null;
  const energy = read([one, two, three], 'off_principal_share');
  near(energy.ratio, 10);
  assert.deepEqual([energy.matrices, energy.of, energy.note], [1, 3, '2 without a value']);
});

test('where no matrix has a baseline the value stands alone, and says so', () => {
  const old = [0.9, 0.8].map((off) => {
    const tensor = matrix({ off });
    tensor.geometry.chance.both = null;
    return tensor;
  });
  const energy = read(old, 'off_principal_share');
  near(energy.value, 0.15);
  assert.deepEqual(
    [energy.baseline, energy.ratio, energy.noise, energy.matrices, energy.note],
    [null, null, false, 2, 'its random baseline is not known'],
  );
});

test('the median angle is a median on both sides, the largest a mean', () => {
  const tensors = [1, 2, 90].map((angle) => matrix({ angle, median: angle }));
  near(read(tensors, 'rotation_median').ratio, 4);
  near(read(tensors, 'rotation_max').ratio, 31);
});

test('an unresolved matrix has no largest angle', () => {
  const [one, two] = [matrix({ angle: 3 }), matrix({ angle: 50 })];
  two.geometry.resolved = false;
  const angle = read([one, two], 'rotation_max');
  near(angle.ratio, 3);
  assert.equal(angle.matrices, 1);
});

test('masks are of summed counts, which large matrices weigh more in', () => {
  const tensors = [
    matrix({ low: 0.6 }),
    matrix({ low: 0.3, parameters: 45_000, unchanged: 4500, shape: [300, 150] }),
  ];
  const low = read(tensors, 'low_overlap');
  near(low.value, 0.33);
  near(low.ratio, 1.1);
  assert.equal(read([matrix({ unchanged: 5000 })], 'low_overlap').ratio, null);
});

test('what random updates reach is noise: two deviations, and the own error', () => {
  assert.equal(read([matrix({ angle: 1.19 })], 'rotation_max').noise, true);
  assert.equal(read([matrix({ angle: 1.21 })], 'rotation_max').noise, false);
  // Of four matrices the mean strays half as far.
  const four = (angle) => [1, 2, 3, 4].map(() => matrix({ angle }));
  assert.equal(read(four(1.09), 'rotation_max').noise, true);
  assert.equal(read(four(1.11), 'rotation_max').noise, false);
  const [large] = [matrix({ angle: 2, angleDeviation: 0 })];
  large.geometry.uncertainty = 1.5;
  assert.equal(read([large], 'rotation_max').noise, true);
});

test('as many weights drawn at random stray by the hypergeometric deviation', () => {
  // m = 4500 of n = 5000, size = 1500: sqrt(4500 · 0.3 · 0.7 · 500 / 4999) = 9.72 weights.
  const { deviation } = read([matrix()], 'low_overlap');
  near(deviation, Math.sqrt((4500 * 0.3 * 0.7 * 500) / 4999) / 4500);
  assert.equal(read([matrix({ low: 0.304 })], 'low_overlap').noise, true);
  assert.equal(read([matrix({ low: 0.305 })], 'low_overlap').noise, false);
});

test('the share of a Gaussian update in k² of mn directions has the deviation of a Beta', () => {
  // Beta(a, b) with a = 25, b = 2475 of 5000 directions: share 0.01, variance ab/((a+b)²(a+b+1)).
  const [a, b] = [25, 2475];
  near(
    read([matrix()], 'off_principal_share').deviation,
    Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1))),
  );
});

test('0 but for rounding is noise, a count of 0 is not', () => {
  assert.equal(read([matrix({ median: 0 })], 'rotation_median').noise, true);
  assert.equal(read([matrix({ low: 0 })], 'low_overlap').noise, false);
});

test('a baseline of 0 has no ratio, and says so', () => {
  const still = matrix({ median: 0 });
  still.geometry.chance.rotation_median = 0;
  const { ratio, note } = read([still], 'rotation_median');
  assert.deepEqual([ratio, note], [null, 'a random update would give 0']);
});

test('matrices of which k covers all directions are left out of what k chooses', () => {
  const covered = matrix({ shape: [100, 4], off: 0.2 });
  const energy = read([covered, matrix({ off: 0.9 })], 'off_principal_share');
  near(energy.ratio, 10);
  assert.match(
    energy.note,
    /^1 of 2 matrices left out: k covers all its directions \(q\); try k = 2$/,
  );
  const none = read([covered], 'off_principal_share');
  assert.equal(none.ratio, null);
  assert.match(none.note, /^1 of 1 matrix left out: /);
  // What does not depend on k keeps it.
  assert.equal(read([covered, matrix()], 'nss').matrices, 2);
});

test('a smaller k is named where a tenth of the matrices is left out, and the kinds are', () => {
  const of = (shape, module = 'q', k = 4) => ({ ...matrix({ shape, module, k }), name: module });
  const many = (n) => Array.from({ length: n }, () => of([100, 50]));
  const [embed, head] = [of([4, 100], 'embed'), of([4, 100], 'head')];
  const note = (tensors) => read(tensors, 'off_principal_share').note;
  const left = 'matrices left out: k covers all their directions (embeddings, head)';
  assert.equal(note([embed, head, ...many(42)]), `2 of 44 ${left}`);
  assert.equal(note([embed, head, ...many(18)]), `2 of 20 ${left}; try k = 2`);
  // A base of less rank has fewer directions than its shape.
  assert.match(note([of([100, 50], 'q', 2), ...many(2)]), /try k = 1$/);
  assert.doesNotMatch(note([of([100, 50], 'q', 1)]), /try/);
  const kinds = ['q', 'k', 'v', 'o', 'gate', 'up'].map((module) => of([4, 9], module));
  assert.match(note(kinds), /\(q, k, v, o and 2 more\)/);
});

test('without any whole spectrum the leading values stand in, under their own name', () => {
  const leading = compareWithRandom([matrix({ exact: false, nss: 6e-3 })], 0)[2];
  assert.deepEqual([leading.metric, leading.exact], ['nss_top_k', 0]);
  near(leading.ratio, 3);
  const mixed = read([matrix({ exact: false }), matrix()], 'nss');
  assert.deepEqual([mixed.matrices, mixed.of], [1, 2]);
});

test('without matrices there is no ratio at all', () => {
  for (const { ratio, note, matrices } of compareWithRandom([vector()], 0))
    assert.deepEqual([ratio, note, matrices], [null, 'no matrix', 0]);
});

test('how much changed is of all tensors, vectors too', () => {
  const { unchanged, relative, tensors } = measureChange([
    matrix({ update: 3, base: 100 }),
    vector({ update: 4 }),
    { ...vector(), precision: null },
  ]);
  near(unchanged, 550 / 5100);
  near(relative, 5 / Math.sqrt(100 ** 2 + 1));
  assert.equal(tensors, 2);
  assert.deepEqual(measureChange([]), { tensors: 0, unchanged: null, relative: null });
});

test('a reading says the ratio first, then what it is of', () => {
  const [energy] = compareWithRandom([matrix({ off: 0.86 }), matrix({ off: 0.86 })], 0);
  assert.equal(
    describeReading(energy),
    '14× random; 14.0\u00a0% beside 1.00\u00a0% ± 0.14\u00a0%; 2 matrices, exact',
  );
  const [none] = compareWithRandom([], 0);
  assert.equal(describeReading(none), 'no ratio: no matrix');
  assert.match(describeReading(read([matrix()], 'rotation_max')), /^1\.0× random, within noise; /);
});

test('a sentence keeps two digits, and more near the whole', () => {
  assert.deepEqual([0.916, 0.0101, 0.00012, 0.47, 1, 0.9996, 0].map(roundShare), [
    '92\u00a0%',
    '1.0\u00a0%',
    '0.012\u00a0%',
    '47\u00a0%',
    '100\u00a0%',
    '99.960\u00a0%',
    '0\u00a0%',
  ]);
  assert.deepEqual([14.2, 6.42, 0.356, 99.6, 1363, 1e-5, 0].map(roundTimes), [
    '14×',
    '6.4×',
    '0.36×',
    '100×',
    '1\u202f400×',
    '1.00e−5×',
    '0×',
  ]);
});

/** A report of the native program, of two layers, without its long lists. */
const small = () => JSON.parse(readFileSync(new URL('small-report.json', import.meta.url), 'utf8'));

test('means, counts and sums agree with the report’s own rollup of the model', () => {
  const names = {
    stable_rank: 'stable_rank_chance',
    nss: 'nss_chance',
    rotation_max: 'rotation_max_chance',
    spectral_excess: 'spectral_excess_chance',
  };
  for (const { tensors, model } of small().runs) {
    const close = (found, wanted) => assert.ok(Math.abs(found / wanted - 1) < 1e-7, `${found}`);
    for (const [metric, chance] of Object.entries(names)) {
      const reading = read(tensors, metric);
      close(reading.value, model.spectral[metric].mean);
      close(reading.baseline, model.spectral[chance].mean);
      assert.equal(reading.matrices, model.spectral[metric].count);
    }
    const energy = read(tensors, 'off_principal_share');
    close(energy.value, 1 - model.spectral.off_principal_share.mean);
    close(energy.baseline, 1 - model.spectral.off_principal_chance.mean);
    const angle = read(tensors, 'rotation_median');
    close(angle.value, model.spectral.rotation_median.median);
    close(angle.baseline, model.spectral.rotation_median_chance.median);
    for (const alpha of [0, 1])
      for (const mask of ['principal', 'low']) {
        const reading = read(tensors, `${mask}_overlap`, alpha);
        close(reading.value, model.masks[alpha][mask].overlap);
        close(reading.baseline, model.masks[alpha][mask].chance);
        close(reading.ratio, model.masks[alpha][mask].enrichment);
      }
    const { unchanged, relative } = measureChange(tensors);
    close(unchanged, model.sparsity_bf16);
    close(relative, model.relative_update);
  }
});
