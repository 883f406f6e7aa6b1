// What the custom element makes of its attributes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readView } from '../../www/element/view.js';
import { readWholeReport } from '../../www/report/read-whole.js';
import { smallReport } from './small-report.mjs';

const report = await readWholeReport(JSON.stringify(smallReport()));
const NOTHING = {
  metric: null,
  run: null,
  tensor: null,
  alpha: null,
  filter: null,
  arrangement: null,
};
const [first] = report.runs;

test('without attributes a figure shows the first run', () => {
  const view = readView(report, NOTHING, 'heatmap');
  assert.equal(view.run, 0);
  assert.deepEqual(
    view.runs,
    report.runs.map((_, place) => place),
  );
  assert.equal(view.arrangement, 'one');
  assert.equal(view.tensor, null);
});

test('a figure of a tensor takes a matrix of a layer', () => {
  const { tensor } = readView(report, NOTHING, 'spectrum');
  const found = first.tensors.find(({ name }) => name === tensor);
  assert.ok(found.geometry);
  assert.notEqual(found.layer, null);
});

test('a run is found by its name, or by its number', () => {
  const { name } = first.checkpoint;
  assert.equal(readView(report, { ...NOTHING, run: name }, 'dots').run, 0);
  assert.equal(readView(report, { ...NOTHING, run: 'two' }, 'dots').run, 1);
  assert.equal(readView(report, { ...NOTHING, run: '2' }, 'dots').run, 1);
});

test('α is found by its value', () => {
  assert.equal(readView(report, { ...NOTHING, alpha: '0.3' }, 'dots').alpha, 1);
});

test('what the report does not have is said, and nothing else shown in its place', () => {
  const wrong = (patch) => () => readView(report, { ...NOTHING, ...patch }, 'dots');
  assert.throws(wrong({ run: 'nobody' }), /no run “nobody”; it has /);
  assert.throws(wrong({ run: '99' }), /no run “99”/);
  assert.throws(wrong({ alpha: '0.7' }), /no α “0\.7”/);
  assert.throws(wrong({ metric: 'luck' }), /no metric “luck”/);
  assert.throws(wrong({ tensor: 'x' }), /no tensor “x”/);
  assert.throws(wrong({ arrangement: 'pile' }), /“pile” is none of/);
  assert.throws(() => readView({ ...report, runs: [] }, NOTHING, 'dots'), /holds no run/);
});
