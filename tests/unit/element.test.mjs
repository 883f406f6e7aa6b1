// What the custom element makes of its attributes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { readView } from '../../www/element/view.js';
import { openText } from '../../www/report/open.js';

const text = readFileSync(new URL('./report-version-1.json', import.meta.url), 'utf8');
const report = openText(text);
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
});

test('a run is found by its name, or by its number', () => {
  const { name } = first.checkpoint;
  assert.equal(readView(report, { ...NOTHING, run: name }, 'dots').run, 0);
  assert.equal(readView(report, { ...NOTHING, run: '1' }, 'dots').run, 0);
});

test('α is found by its value', () => {
  const [alpha] = report.settings.alphas;
  assert.equal(readView(report, { ...NOTHING, alpha: String(alpha) }, 'dots').alpha, 0);
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
