// Saves of one run, and what a figure may be read against, by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import { METRICS, describeReferences } from '../../www/report/metrics.js';
import { allWholeRuns, ofWholeRuns, findComparison } from '../../www/report/comparison.js';
import { ifReported, reportedFor } from '../../www/report/reported-for.js';
import { densityByStep, listSteps } from '../../www/report/steps.js';

const profile = (values) => ({ length: 4, values, min: 0, median: 0, max: 1, dispersion: 2 });
const entry = {
  runs: [0, 2],
  parameters: 8,
  changed: [4, 6],
  steps: [
    { changed: 4, density: 0.5, row_density: profile([1, 0]), column_density: null },
    { changed: 2, density: 0.25, row_density: profile([0.125, 0.375]), column_density: null },
  ],
};

test('a step has its checkpoint’s name, its own share, and what had changed by then', () => {
  assert.deepEqual(listSteps(entry, ['a', 'b', 'c']), [
    { name: 'a', changed: 4, share: 0.5, since: 0.5 },
    { name: 'c', changed: 2, share: 0.25, since: 0.75 },
  ]);
  assert.deepEqual(listSteps({ steps: null }, []), []);
});

test('profiles stand side by side, a step a column, over the step’s own share', () => {
  assert.deepEqual(densityByStep(entry, 'row_density'), {
    rows: 2,
    columns: 2,
    group: 2,
    length: 4,
    dispersions: [2, 2],
    densities: [1, 0.125, 0, 0.375],
    ratios: [2, 0.5, 0, 1.5],
  });
  assert.deepEqual(
    densityByStep({ steps: [{ density: 0, row_density: profile([0, 0]) }] }, 'row_density').ratios,
    [1, 1],
  );
  assert.deepEqual(
    [
      densityByStep(entry, 'column_density'),
      densityByStep({ steps: null }, 'row_density'),
      densityByStep({}, 'row_density'),
    ],
    [null, null, null],
  );
});

test('reported figures are context for whole runs, and for what nobody said', () => {
  assert.deepEqual([null, undefined, 'whole_run', 'per_step', 'steps'].map(ofWholeRuns), [
    true,
    true,
    true,
    false,
    false,
  ]);
  const report = {
    settings: { comparison: 'whole_run' },
    runs: [{ comparison: 'per_step' }, { comparison: null }, {}],
  };
  assert.deepEqual(
    [0, 1, 2, 3].map((run) => findComparison(report, run)),
    ['per_step', 'whole_run', 'whole_run', 'whole_run'],
    'what a delta tells goes first',
  );
  assert.deepEqual(
    [
      allWholeRuns(report),
      allWholeRuns({ ...report, runs: report.runs.slice(1) }),
      findComparison({ runs: [], settings: {} }, 0),
    ],
    [false, true, null],
  );
  assert.deepEqual(reportedFor('per_step'), {});
  assert.match(
    ifReported(reportedFor(null).nss, (text) => `Reported: ${text}.`),
    /^Reported: SFT about/,
  );
  assert.equal(
    ifReported(reportedFor('steps').nss, (text) => `Reported: ${text}.`),
    '',
  );
});

test('no metric has a reported figure beside it where the checkpoints are steps', () => {
  const reported = METRICS.filter(({ reported: known }) => known);
  assert.ok(reported.length >= 6);
  for (const one of reported) {
    assert.match(describeReferences(one, 'whole_run'), /reported/);
    for (const comparison of ['per_step', 'steps'])
      assert.match(
        describeReferences(one, comparison),
        /^(.*; )?published ranges are of whole runs, which is another quantity$/,
        one.id,
      );
  }
});
