// What several runs share, on entries small enough to count by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  listConsensus,
  excess,
  hasOverlaps,
  linkOverlaps,
  modelOverlap,
  oneSidedChance,
  meanOverPairs,
} from '../../www/report/overlaps.js';
import { compareWithReported } from '../../www/report/reported-overlaps.js';
import { REPORTED } from '../../www/report/reported.js';
import { findMetric, availableMetrics } from '../../www/report/metrics.js';
import { parseReport } from './parse-report.mjs';
import { signed } from '../../www/report/format.js';

// Ten weights: the first run changed 5 of them, the second 4, both 3; a third changed none.
const entry = {
  name: 'model.layers.0.mlp.up_proj.weight',
  runs: [0, 1, 2],
  parameters: 10,
  changed: [5, 4, 0],
  both: [
    [5, 3, 0],
    [3, 4, 0],
    [0, 0, 0],
  ],
  jaccard: [
    [1, 0.5, 0],
    [0.5, 1, 0],
    [0, 0, null],
  ],
  jaccard_chance: [
    [1 / 3, 2 / 7, 0],
    [2 / 7, 0.25, 0],
    [0, 0, null],
  ],
  mean_jaccard: 1 / 6,
  mean_jaccard_chance: 2 / 21,
  one_sided: [
    [1, 0.6, 0],
    [0.75, 1, 0],
    [null, null, null],
  ],
  exactly: [4, 3, 3, 0],
  exactly_chance: [0.3, 0.5, 0.2, 0],
  dot: [
    [4, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ],
  cosine: [
    [1, 0.5, null],
    [0.5, 1, null],
    [null, null, null],
  ],
  row_consensus: null,
  column_consensus: null,
};
const tensor = (rest = {}) => ({
  name: entry.name,
  layer: 0,
  module: 'up',
  shape: [2, 5],
  masks: [],
  ...rest,
});
const reportOf = (rest) => ({
  format: 'gatescope-report',
  version: 2,
  settings: {},
  base: {},
  backend: {},
  runs: [0, 1, 2].map(() => ({
    checkpoint: {},
    model: {},
    tensors: [tensor(), tensor({ name: 'lonely', module: 'q' })],
  })),
  ...rest,
});

test('tensors are given their entry by name, the model is the one without', () => {
  const model = { ...entry, name: null };
  const report = linkOverlaps(reportOf({ overlaps: [entry, model] }));
  for (const { tensors } of report.runs)
    assert.deepEqual(
      tensors.map(({ overlap }) => overlap),
      [entry, null],
    );
  assert.equal(modelOverlap(report), model);
  assert.equal(hasOverlaps(report), true);
});

test(
  'reports of one run and from before there were overlaps open and offer no figures of several ' +
    'runs',
  () => {
    for (const rest of [{}, { overlaps: [] }, { overlaps: null }]) {
      const report = linkOverlaps(parseReport(JSON.stringify(reportOf(rest))));
      assert.deepEqual(
        [hasOverlaps(report), modelOverlap(report), report.runs[0].tensors[0].overlap],
        [false, null, null],
      );
      assert.equal(
        availableMetrics(report).filter(({ group }) => group === 'Several runs').length,
        0,
      );
    }
    assert.deepEqual(
      availableMetrics(linkOverlaps(reportOf({ overlaps: [entry] })))
        .filter(({ group }) => group === 'Several runs')
        .map(({ id }) => id),
      ['jaccard', 'jaccard_excess', 'cosine'],
    );
    assert.throws(() => parseReport(JSON.stringify(reportOf({ overlaps: 'none' }))), /incomplete/);
  },
);

test('the mean over pairs leaves out a run beside itself, and what is undefined', () => {
  assert.equal(
    meanOverPairs([
      [1, 0.2, null],
      [0.2, 1, 0.6],
      [null, 0.6, 1],
    ]),
    0.4,
  );
  assert.equal(meanOverPairs(entry.cosine), 0.5);
  assert.deepEqual(
    [
      meanOverPairs([
        [1, null],
        [null, 1],
      ]),
      meanOverPairs(undefined),
    ],
    [null, null],
  );
});

test('an excess is undefined where either side is, and carries its sign', () => {
  assert.deepEqual(
    [excess(0.5, 0.25), excess(0.5, null), excess(null, 0.5), excess(undefined, 0)],
    [0.25, null, null, null],
  );
  assert.deepEqual([0.25, -0.25, 0, null].map(signed), ['+0.250', '−0.250', '0', '–']);
});

test('by chance one run meets another as often as that one’s density', () => {
  assert.ok(Math.abs(oneSidedChance(entry, 0, 1) - 0.4) < 1e-12);
  assert.ok(Math.abs(oneSidedChance(entry, 1, 0) - 0.5) < 1e-12);
  assert.deepEqual(
    [oneSidedChance(entry, 0, 2), oneSidedChance(entry, 2, 0), oneSidedChance(entry, 2, 2)],
    [0, null, null],
  );
  // Two tensors of 10 weights, changed 10 and 0 in both runs: which tensor changes is no excess.
  const model = {
    changed: [10, 10],
    jaccard_chance: [
      [1, 1],
      [1, 1],
    ],
  };
  assert.equal(oneSidedChance(model, 0, 1), 1);
});

test('consensus: shares of exactly 0 … R runs beside independence', () => {
  assert.deepEqual(
    listConsensus(entry).map(({ runs, weights, observed, chance }) => [
      runs,
      weights,
      observed,
      chance,
    ]),
    [
      [0, 4, 0.4, 0.3],
      [1, 3, 0.3, 0.5],
      [2, 3, 0.3, 0.2],
      [3, 0, 0, 0],
    ],
  );
  assert.equal(
    listConsensus({ exactly: [0], exactly_chance: [1], parameters: 0 })[0].observed,
    null,
  );
});

test('the heatmap’s figures, each with its chance', () => {
  const linked = tensor({ overlap: entry });
  const of = (id) => [findMetric(id).value(linked, 0), findMetric(id).chance(linked, 0)];
  assert.deepEqual(of('jaccard'), [1 / 6, 2 / 21]);
  assert.deepEqual(of('jaccard_excess'), [1 / 6 - 2 / 21, 0]);
  assert.deepEqual(of('cosine'), [0.5, 0]);
  for (const id of ['jaccard', 'jaccard_excess', 'cosine'])
    assert.match(findMetric(id).about, /^Of all runs together, not of the run in the open tab/);
});

test('a module kind stands beside its reported figures, matrices only', () => {
  const other = { ...entry, mean_jaccard: 0.5, mean_jaccard_chance: 0.4 };
  const [row, ...more] = compareWithReported([
    tensor({ overlap: entry }),
    tensor({ overlap: other }),
    tensor({ overlap: { ...entry, mean_jaccard: null } }),
    tensor({ overlap: other, shape: [5] }),
    tensor({ overlap: other, module: 'embed' }),
    tensor({ overlap: null }),
  ]);
  assert.equal(more.length, 0);
  assert.deepEqual([row.module, row.reported, row.reportedChance], ['up', 0.578, 0.443]);
  assert.ok(Math.abs(row.observed - (1 / 6 + 0.5) / 2) < 1e-12);
  assert.ok(Math.abs(row.chance - (2 / 21 + 0.4) / 2) < 1e-12);
  for (const [module, [jaccard, chance]] of Object.entries(REPORTED.jaccard.modules))
    assert.ok(jaccard > chance && chance > 0.3, module);
});
