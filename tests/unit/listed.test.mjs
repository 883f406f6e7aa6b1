// Sparse deltas without their base: what is given, what is offered, and what is said where shapes
// are not told either.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { readOptions } from '../../scripts/analyze/options.mjs';
import { identifyRun } from '../../www/engine/identity.js';
import {
  densestModule,
  hasBase,
  linkListed,
  findVersions,
  medianDispersions,
} from '../../www/report/listed.js';
import { findMetric, availableMetrics } from '../../www/report/metrics.js';
import {
  changedByAny,
  listConsensus,
  hasDirection,
  linkOverlaps,
} from '../../www/report/overlaps.js';
import { parseReport } from './parse-report.mjs';
import { areSteps } from '../../www/report/comparison.js';
import { fillTuned, currentInput, store } from '../../www/app/state.js';

const profile = (dispersion) => ({
  length: 2,
  values: [0.5, 0],
  min: 0,
  median: 0.25,
  max: 0.5,
  dispersion,
});
const nowhere = [
  [null, null],
  [null, null],
];

/**
 * Two matrices of 10 and 30 weights and a vector of 10, of which two runs list 5, 6 and 1; as a
 * layout that tells shapes or not.
 */
function reportOf(shapes) {
  const tensor = (name, module, parameters, changed, dispersions) => ({
    name,
    layer: 0,
    module,
    shape: shapes ? [parameters / 5, 5] : [],
    parameters: shapes ? parameters : 0,
    dtype: 'BF16',
    dtype_base: '',
    masks: [],
    precision: null,
    update: null,
    geometry: null,
    listed: {
      changed,
      density: shapes ? changed / parameters : null,
      row_density: shapes && dispersions ? profile(dispersions[0]) : null,
      column_density: shapes && dispersions ? profile(dispersions[1]) : null,
      map: null,
    },
  });
  const sum = (key, parameters, changed) => ({
    key,
    listed: {
      tensors: 1,
      changed,
      parameters: shapes ? parameters : null,
      density: shapes ? changed / parameters : null,
    },
  });
  const run = () => ({
    checkpoint: {},
    tensors: [
      tensor('q', 'q', 10, 5, [2, 4]),
      tensor('v', 'v', 30, 6, [3, 8]),
      tensor('norm', 'norm', 10, 1),
    ],
    modules: [sum('q', 10, 5), sum('v', 30, 6), sum('norm', 10, 1)],
    model: sum('model', 50, 12),
  });
  const overlap = (name) => ({
    name,
    runs: [0, 1],
    parameters: shapes ? 10 : 0,
    changed: [5, 4],
    both: [
      [5, 3],
      [3, 4],
    ],
    jaccard: [
      [1, 0.5],
      [0.5, 1],
    ],
    jaccard_chance: shapes
      ? [
          [1 / 3, 2 / 7],
          [2 / 7, 0.25],
        ]
      : nowhere,
    mean_jaccard: 0.5,
    mean_jaccard_chance: shapes ? 2 / 7 : null,
    exactly: [shapes ? 4 : null, 3, 3],
    exactly_chance: shapes ? [0.3, 0.5, 0.2] : [],
    dot: nowhere,
    cosine: nowhere,
  });
  return {
    format: 'gatescope-report',
    version: 2,
    settings: { comparison: null },
    base: null,
    backend: {},
    runs: [run(), run()],
    overlaps: [overlap('q'), overlap(null)],
  };
}

test('a report without a base is one, a report that lacks the field is not', () => {
  const report = reportOf(true);
  assert.equal(hasBase(parseReport(JSON.stringify(report))), false);
  assert.throws(() => parseReport(JSON.stringify({ ...report, base: undefined })), /incomplete/);
  assert.equal(hasBase({ base: { name: 'b' } }), true);
});

test('each tensor’s share stands beside the run’s, stripes and kinds beside theirs', () => {
  const {
    runs: [run],
  } = linkListed(reportOf(true));
  const [q, , norm] = run.tensors;
  const of = (id, tensor) => [
    findMetric(id).value(tensor),
    findMetric(id).chance?.(tensor) ?? null,
  ];
  assert.deepEqual(
    [
      of('listed_density', q),
      of('listed_changed', q),
      of('row_dispersion', q),
      of('column_dispersion', norm),
    ],
    [
      [0.5, 0.24],
      [5, null],
      [2, 1],
      [null, 1],
    ],
  );
  assert.deepEqual(
    [medianDispersions(run), densestModule(run)],
    [
      { count: 2, row: 2.5, column: 6 },
      { key: 'q', density: 0.5, chance: 0.24 },
    ],
  );
  const {
    runs: [bare],
  } = linkListed(reportOf(false));
  assert.deepEqual(
    [of('listed_density', bare.tensors[0]), medianDispersions(bare), densestModule(bare)],
    [[null, null], null, null],
  );
});

test('only what is known without a base is offered, and with a base nothing of it', () => {
  const ids = (report) => availableMetrics(linkOverlaps(report)).map(({ id }) => id);
  assert.deepEqual(ids(reportOf(true)), [
    'listed_density',
    'listed_changed',
    'row_dispersion',
    'column_dispersion',
    'jaccard',
    'jaccard_excess',
  ]);
  assert.deepEqual(ids(reportOf(false)), ['listed_changed', 'jaccard']);
  const precision = { sparsity_bf16: 0.5 };
  assert.deepEqual(
    ids({ base: { name: 'b' }, runs: [{ tensors: [{ precision, listed: null }] }] }),
    ['sparsity_bf16'],
  );
});

test(
  'without shapes, several runs have counts and no chance levels, and without a base no ' +
    'direction',
  () => {
    const [[shaped], [bare]] = [true, false].map((shapes) => reportOf(shapes).overlaps);
    assert.deepEqual(
      listConsensus(bare).map(({ weights, observed, chance }) => [weights, observed, chance]),
      [
        [null, null, null],
        [3, null, null],
        [3, null, null],
      ],
    );
    assert.deepEqual(
      [
        changedByAny(bare),
        changedByAny(shaped),
        hasDirection(shaped),
        hasDirection({
          dot: [
            [0, 1],
            [1, 2],
          ],
        }),
      ],
      [6, 6, false, true],
    );
  },
);

test('steps are compared with the ones before them only where a base goes before the first', () => {
  assert.deepEqual(
    [{ name: 'b' }, null].map((base) => areSteps({ base, settings: { comparison: 'steps' } })),
    [true, false],
  );
});

test('the base may be left out, and the results without it are kept apart', async () => {
  const files = [
    {
      name: 'delta.safetensors',
      blob: new File(['12345678'], 'delta.safetensors', { lastModified: 1 }),
    },
  ];
  assert.equal(currentInput(), null);
  fillTuned(store.state.tuned[0].id, { name: 'step-1', files });
  assert.deepEqual(currentInput(), { base: null, tuned: [{ name: 'step-1', files }] });
  const of = (base) =>
    identifyRun({ ...currentInput(), base }, {}, { kind: 'cpu', adapter: null }, 'gatescope 1');
  const [alone, based] = await Promise.all([of(null), of({ name: 'base', files })]);
  assert.match(alone, /^[0-9a-f]{64}$/);
  assert.notEqual(alone, based);
});

test('`npm run analyze` takes deltas without --base', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-options-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const delta = path.join(folder, 'delta.safetensors');
  writeFileSync(delta, '');
  const { base, runs } = readOptions(['--tuned', delta, '--out', path.join(folder, 'report.json')]);
  assert.deepEqual([base, runs.map(({ name }) => name)], [null, ['delta']]);
});

test('deltas whose versions follow each other are steps in a row, and no others', () => {
  const of = (versions, base = null) =>
    findVersions({
      base,
      runs: versions.map((version) => ({
        delta: version && {
          layout: version[2] ?? 'prime-rl',
          base_version: version[0],
          target_version: version[1],
        },
      })),
    });
  assert.deepEqual(
    of([
      [7, 8],
      [8, 9],
    ]),
    [8, 9],
  );
  assert.deepEqual(
    of([
      [9, 10],
      [7, 8],
      [8, 9],
    ]),
    [8, 9, 10],
    'in whichever order they were given',
  );
  for (const versions of [
    [[7, 8]],
    [
      [7, 8],
      [9, 10],
    ],
    [
      [7, 8],
      [7, 8],
    ],
    [
      [7, 9],
      [9, 10],
    ],
    [
      [null, 8],
      [8, 9],
    ],
    [[7, 8], null],
    [
      [7, 8],
      [8, 9, 'other'],
    ],
  ])
    assert.equal(of(versions), null, JSON.stringify(versions));
  assert.equal(
    of(
      [
        [7, 8],
        [8, 9],
      ],
      {},
    ),
    null,
    'beside a base they are checkpoints made of it',
  );
});
