// samples/report.json, which the page opens at once, is of the checkpoints that lie beside it.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import test from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { fromRoot } from '../../scripts/lib/root.mjs';
import { RUNS } from '../../scripts/findings/settings.mjs';
import { parseReport } from './parse-report.mjs';
import { VERSION } from '../../www/report/check.js';

/** The report keeps six digits and more, and no two trainings agree in so many. */
const DIGITS = 5e-6;
const MOST_BYTES = 8e6;

const text = (...place) => readFileSync(fromRoot(...place), 'utf8');
const json = (...place) => JSON.parse(text(...place));
const report = json('samples', 'report.json');

test('it is a whole report of this version of the format', () => {
  assert.equal(report.version, VERSION);
  assert.equal(report.partial, null);
  assert.doesNotThrow(() => parseReport(text('samples', 'report.json')));
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    json('docs', 'report.schema.json'),
  );
  assert.ok(validate(report), JSON.stringify(validate.errors?.slice(0, 3)));
});

test('it has the sample’s settings, and its spectra are exact', () => {
  const { k, alphas, eta, layers } = report.settings;
  assert.deepEqual(
    { k, alphas, eta, layers },
    { k: 16, alphas: [0.1, 0.3], eta: 1e-3, layers: null },
  );
  for (const { tensors, left_out: leftOut, comparison } of report.runs) {
    // Null: nobody said that the runs are single steps.
    assert.deepEqual([leftOut, comparison], [[], null]);
    const matrices = tensors.filter(({ geometry }) => geometry);
    assert.equal(matrices.length, 44);
    assert.ok(matrices.every(({ geometry }) => geometry.exact));
    assert.ok(tensors.every(({ status }) => status === 'done'));
  }
});

test('it was made of the committed files', () => {
  assert.deepEqual(
    report.runs.map(({ checkpoint }) => checkpoint.name),
    RUNS,
  );
  const { parameters } = json('samples', 'results.json').runs.base;
  for (const checkpoint of [report.base, ...report.runs.map((run) => run.checkpoint)]) {
    assert.equal(checkpoint.parameters, parameters);
    assert.ok(checkpoint.files.length > 0);
    for (const { name, bytes } of checkpoint.files)
      assert.equal(bytes, statSync(fromRoot('samples', checkpoint.name, name)).size, name);
  }
});

// Files of one model are of one size whatever they hold, so that figures must tell.
test('its figures are those that samples/results.json has', () => {
  const { figures } = json('samples', 'results.json');
  for (const { checkpoint, tensors, model } of report.runs) {
    const wanted = figures.runs[checkpoint.name];
    const matrices = tensors.filter(({ geometry, layer }) => geometry && layer !== null);
    const mean = (value) =>
      matrices.reduce((total, one) => total + value(one), 0) / matrices.length;
    for (const [name, found, want] of [
      ['sparsity_bf16', model.sparsity_bf16, wanted.sparsity_bf16],
      ['nss', mean(({ geometry }) => geometry.nss), wanted.nss.mean],
      ['update', mean(({ update }) => update.relative_update), wanted.relative_update.mean],
    ])
      assert.ok(
        Math.abs(found - want) <= DIGITS * want,
        `${checkpoint.name} ${name}: ${found} beside ${want}`,
      );
  }
});

test('it is small enough to be opened at once', () => {
  assert.ok(statSync(fromRoot('samples', 'report.json')).size <= MOST_BYTES);
});
