// docs/findings.md and the README say what the committed figures say, and change their words with
// them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fromRoot } from '../../scripts/lib/root.mjs';
import { excerptOf } from '../../scripts/findings/excerpt.mjs';
import { formatMarkdown } from '../../scripts/findings/markdown.mjs';
import { roomUsed } from '../../scripts/findings/reasons.mjs';
import { statements } from '../../scripts/findings/statements.mjs';
import { findingsOf, readmeOf } from '../../scripts/findings/text.mjs';

const text = (...place) => readFileSync(fromRoot(...place), 'utf8');
const excerpt = () => JSON.parse(text('docs', 'findings.json'));
const near = (found, wanted, relative, what) =>
  assert.ok(
    Math.abs(found - wanted) <= relative * Math.abs(wanted),
    `${what}: ${found} beside ${wanted}`,
  );

test(
  'docs/findings.md and the README’s lines are what `npm run findings` writes from ' +
    'docs/findings.json',
  async () => {
    assert.equal(text('docs', 'findings.md'), await formatMarkdown(findingsOf(excerpt())));
    assert.equal(text('README.md'), await readmeOf(text('README.md'), excerpt()));
    await assert.rejects(readmeOf('# Gatescope', excerpt()), /README\.md lacks/);
  },
);

const holds = (changed, wanted) =>
  statements(changed).find(({ text: said }) => said.startsWith(wanted)).holds;

test('verdicts and reasons follow the figures', async () => {
  const changed = excerpt();
  const [sparse, off, rotation] = [
    'RLVR leaves 36.3',
    'The update of RLVR lies off the principal subspaces more than by chance',
    'RLVR turns the principal subspaces less',
  ];
  assert.deepEqual(
    [sparse, off, rotation].map((one) => holds(changed, one)),
    [true, false, true],
  );
  for (const run of changed.runs) {
    run.off_principal.both.share.mean = 0.999;
    run.over_half_ulp = 0.5;
    if (run.kind === 'RLVR')
      Object.assign(run, { sparsity_bf16: 0.2, rotation_max: { ...run.rotation_max, mean: 80 } });
  }
  assert.deepEqual(
    [sparse, off, rotation].map((one) => holds(changed, one)),
    [false, true, false],
  );
  const [before, after] = [excerpt(), changed].map(findingsOf);
  for (const sentence of [
    /so it can hide more of what RLVR did/,
    /the updates hold more of the principal subspaces/,
  ]) {
    assert.match(before, sentence);
    assert.doesNotMatch(after, sentence);
  }
  assert.match(
    after,
    new RegExp(
      '\\| RLVR leaves 36\\.3\u00a0% to 91\\.7\u00a0% of the weights unchanged ' +
        '\\| .* \\| 20\\.0\u00a0% and 20\\.0\u00a0% \\(training was stopped by this share\\) ' +
        '\\| \\*\\*does not agree\\*\\* \\|',
    ),
  );
  assert.match(
    await readmeOf(text('README.md'), changed),
    new RegExp(
      'Not as reported elsewhere .*:\n\n((- | {2}).*\n)*' +
        '- RLVR turns the principal subspaces less than SFT: RLVR 80\\.0° and 80\\.0°',
    ),
  );
});

test('a share that training was stopped by is called chosen, and only then', () => {
  const changed = excerpt();
  const chosen = [/\(training was stopped by this share\)/, /So that share was chosen/];
  for (const sentence of chosen) assert.match(findingsOf(changed), sentence);
  for (const run of changed.runs) run.stopped_below_unchanged = null;
  for (const sentence of chosen) assert.doesNotMatch(findingsOf(changed), sentence);
});

test('little is hidden only where updates are large and few weights unchanged', () => {
  const changed = excerpt();
  for (const run of changed.runs) run.sparsity_bf16 = 0.05;
  assert.match(findingsOf(changed), /so there is little to hide/);
  changed.runs[0].over_half_ulp = 0.9;
  assert.doesNotMatch(findingsOf(changed), /so there is little to hide/);
});

test('one run of a kind that breaks the order is enough', () => {
  const changed = excerpt();
  assert.ok(holds(changed, 'RLVR shifts the spectrum less'));
  changed.runs[1].nss.mean = changed.runs[2].nss.mean;
  assert.ok(!holds(changed, 'RLVR shifts the spectrum less'));
});

test('overlaps on the way from chance to the most that a density leaves room for', () => {
  // 80 of 100 weights changed, masks of 40: at most 40/80 and at least 20/80 of them are inside.
  assert.deepEqual(roomUsed({ overlap: 0.5, chance: 0.4, density: 0.8 }, 'low'), {
    most: 0.5,
    used: 1,
  });
  const { most, used } = roomUsed({ overlap: 0.325, chance: 0.4, density: 0.8 }, 'principal');
  near(most, 0.25, 1e-12, 'most');
  near(used, 0.5, 1e-12, 'used');
  assert.equal(roomUsed({ overlap: 0.4, chance: 0.4, density: 1 }, 'low').used, null);
});

// The committed report has its α in another order than the findings.
test('the committed figures are those of samples/report.json', () => {
  const training = (name) => JSON.parse(text('samples', name, 'training.json'));
  const found = excerptOf(JSON.parse(text('samples', 'report.json')), training);
  // Machines that round differently: see the end to end test of the same figures.
  const compare = (one, wanted, what) => {
    if (typeof wanted === 'number') return near(one, wanted, 3e-4, what);
    if (wanted === null || typeof wanted !== 'object') return assert.equal(one, wanted, what);
    assert.deepEqual(Object.keys(one), Object.keys(wanted), what);
    return Object.keys(wanted).forEach((key) => compare(one[key], wanted[key], `${what}.${key}`));
  };
  compare(found, excerpt(), 'findings');
});

// samples/results.json was computed by PyTorch in f64 from the same files; it shares no code with
// the analyser.
test('the committed figures are those that samples/results.json has', () => {
  const { figures } = JSON.parse(text('samples', 'results.json'));
  const { runs, pairs, settings } = excerpt();
  assert.deepEqual([settings.k, settings.alphas[0]], [figures.k, figures.alpha]);
  // Six digits are kept, so half a unit of the last is 5e-6 at most.
  const DIGITS = 5e-6;
  for (const run of runs) {
    const wanted = figures.runs[run.name];
    near(run.sparsity_bf16, wanted.sparsity_bf16, DIGITS, `${run.name} sparsity`);
    for (const [found, name] of [
      [run.relative_update, 'relative_update'],
      [run.nss, 'nss'],
      [run.rotation_max, 'rotation_max'],
      [run.gap, 'relative_gap'],
      [run.off_principal.both.share, 'off_principal_share'],
      [run.off_principal.both.chance, 'off_principal_chance'],
    ]) {
      // The largest angle is that of the smallest gap, where the analyser allows itself 1e-6 +
      // 1e-9/gap.
      for (const key of ['mean', 'min', 'median', 'max'])
        near(found[key], wanted[name][key], DIGITS + 3e-6, `${run.name} ${name} ${key}`);
    }
    const [{ low, principal }] = run.masks;
    // Masks of round(αN) weights there, of ⌈αN⌉ here: one group of equal weights, or one bin, more.
    // That is 1e-4 here; three times it is allowed.
    near(low.overlap, wanted.low_magnitude_overlap, 3e-4, `${run.name} low`);
    near(principal.overlap, wanted.principal_overlap, 3e-4, `${run.name} principal`);
  }
  for (const { runs: names, jaccard, chance, cosine } of pairs) {
    const wanted = figures.pairs[names.join(' ')];
    for (const [found, name] of [
      [jaccard, 'jaccard'],
      [chance, 'jaccard_chance'],
      [cosine, 'cosine'],
    ])
      near(found, wanted[name], DIGITS, `${names} ${name}`);
  }
});

test('an excerpt: means over the matrices of layers, masks from summed counts', () => {
  const matrix = (name, layer, parameters, nss, resolved, counts) => ({
    name,
    layer,
    module: 'q',
    shape: [4, 16],
    parameters,
    update: { relative_update: 0.1, stable_rank: 2, rank_share: 1, chance: { stable_rank: 1.75 } },
    precision: {
      magnitude_deciles: [
        { mean_abs_update: 1, half_ulp: 2 },
        { mean_abs_update: 6, half_ulp: 2 },
        { mean_abs_update: 1, half_ulp: 0 },
      ],
    },
    geometry: {
      exact: true,
      nss,
      resolved,
      rotation_max: 10 * nss,
      rotation_median: 1,
      gap: 0.1,
      off_principal_share: 0.5,
      off_principal_left: 0.9,
      off_principal_right: 0.2,
      chance: { both: 0.9, left: 0.5, right: 0.5, nss: 0.025 },
      sin_theta: { left: nss, right: 0.4, chance_left: [0.1, 0.1], chance_right: [0.2, 0.2] },
    },
    masks: [
      {
        changed: counts[0],
        low: { size: counts[1], both: counts[2] },
        principal: { size: counts[1], both: 0 },
      },
    ],
  });
  const tensors = [
    matrix('a', 0, 64, 0.1, true, [10, 20, 5]),
    matrix('b', 1, 64, 0.3, false, [30, 20, 25]),
    matrix('embed', null, 64, 9, true, [64, 20, 20]),
    { name: 'norm', layer: 0, module: 'norm', shape: [4], geometry: null },
  ];
  const run = (name) => ({
    checkpoint: { name },
    model: { sparsity_bf16: 0.5, sparsity_abs: 0.6 },
    tensors,
  });
  const entry = (name, jaccard) => ({
    name,
    runs: [0, 1],
    jaccard: [
      [1, jaccard],
      [jaccard, 1],
    ],
    jaccard_chance: [
      [1, 0.2],
      [0.2, 1],
    ],
    cosine: [
      [1, 0.7],
      [0.7, 1],
    ],
  });
  const {
    runs: [first],
    pairs,
  } = excerptOf(
    {
      generator: 'x',
      settings: { k: 2, alphas: [0.3], eta: 0.001, abs_tolerance: 1e-5 },
      base: { parameters: 196 },
      runs: [run('one'), run('two')],
      overlaps: [
        entry('a', 0.4),
        entry('b', 0.6),
        entry('embed', 0),
        entry('norm', 0),
        entry(null, 0.5),
      ],
    },
    (name) => ({ kind: name === 'one' ? 'GRPO' : 'SFT', learning_rate: 1e-6, steps: 3 }),
  );
  assert.deepEqual(
    [first.kind, first.matrices, first.nss.mean, first.rotation_max.count, first.rotation_max.max],
    ['RLVR', 2, 0.2, 1, 1],
  );
  assert.deepEqual(first.masks, [
    {
      alpha: 0.3,
      low: { overlap: 0.75, chance: 0.3125, density: 0.3125 },
      principal: { overlap: 0, chance: 0.3125, density: 0.3125 },
    },
  ]);
  assert.deepEqual(
    [
      first.nss_chance.mean,
      first.nss_over_chance.max,
      first.stable_rank_chance.mean,
      first.over_half_ulp,
    ],
    [0.025, 12, 1.75, 0.5],
  );
  assert.deepEqual([first.sines_over_chance.left.max, first.sines_over_chance.right.mean], [3, 2]);
  assert.deepEqual([first.off_principal.both.below, first.off_principal.left.below], [2, 0]);
  assert.deepEqual(pairs, [
    {
      runs: ['one', 'two'],
      kinds: ['RLVR', 'SFT'],
      jaccard: 0.5,
      chance: 0.2,
      cosine: 0.7,
      modules: { q: [0.5, 0.2] },
    },
  ]);
});
