// The page's pure modules: numbers, settings as typed, cells, sorting, progress, files by folder.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import {
  bytes,
  count,
  degrees,
  duration,
  moment,
  number,
  parameters,
  percent,
} from '../../www/report/format.js';
import Ajv2020 from 'ajv/dist/2020.js';
import { listDifferences } from '../../scripts/compare-reports.mjs';
import { describeKind } from '../../www/report/basis-change.js';
import { COMPARISONS } from '../../www/report/comparison.js';
import { MODULES } from '../../www/report/grid.js';
import { filterTensors, sortRows } from '../../www/report/table.js';
import { findFigure } from '../../www/report/figures.js';
import { formatValue } from '../../www/report/metric-words.js';
import { METRICS, findMetric } from '../../www/report/metrics.js';
import { parseAlphas, parseLayers } from '../../www/app/settings-text.js';
import { trackProgress } from '../../www/engine/progress.js';
import { addTuned, fillTuned, store } from '../../www/app/state.js';
import { answerFailure } from '../../www/engine/failed.js';
import { groupByFolder } from '../../www/app/grouping.js';
import { parseReport } from './parse-report.mjs';
import { reportedText } from '../../www/report/reported-words.js';
import { REPORTED } from '../../www/report/reported.js';
import { REASONS } from '../../www/report/reasons.js';

test('numbers have three significant digits and are scientific below 1e-3', () => {
  assert.deepEqual([0, 1, 12.345, 999.6, 0.00123456, 0.00099, -3.2e-5, 2.5e7].map(number), [
    '0',
    '1.00',
    '12.3',
    '1000',
    '0.00123',
    '9.90e−4',
    '−3.20e−5',
    '2.50e7',
  ]);
  assert.deepEqual(
    [number(null), number(undefined), number(NaN), number(Infinity)],
    ['–', '–', '–', '∞'],
  );
});

test('shares near the whole keep the digits that tell them from it', () => {
  assert.deepEqual([0.5, 0, 1, 0.99931, 0.999993].map(percent), [
    '50.0\u00a0%',
    '0\u00a0%',
    '100\u00a0%',
    '99.931\u00a0%',
    '99.99930\u00a0%',
  ]);
  assert.equal(percent(null), '–');
});

test('sizes, counts, angles and times', () => {
  assert.deepEqual(
    [bytes(512), bytes(4738944), parameters(2369472), count(2369472)],
    ['512\u00a0B', '4.74\u00a0MB', '2.37\u00a0M', '2\u202f369\u202f472'],
  );
  assert.deepEqual(
    [degrees(5.834), duration(0.02), duration(5), duration(89), duration(600), duration(null)],
    ['5.83°', '<\u00a00.1\u00a0s', '5.0\u00a0s', '89\u00a0s', '10\u00a0min', '–'],
  );
});

test('a report’s time', () => {
  assert.deepEqual(
    [moment('2026-11-24T08:21:14Z'), moment(undefined)],
    ['2026-11-24 08:21\u00a0UTC', '–'],
  );
});

test('α and layers as typed', () => {
  assert.deepEqual(parseAlphas('0.1, 0.3;0.1'), [0.1, 0.3]);
  assert.deepEqual([parseLayers(' '), parseLayers('0 - 3, 7')], [null, '0-3,7']);
  for (const wrong of ['', '0', '1', 'x', '0.1,2']) assert.throws(() => parseAlphas(wrong));
  for (const wrong of ['3-1', 'a', '1,,2', '-1']) assert.throws(() => parseLayers(wrong));
});

test('every tuned checkpoint has a name of its own', () => {
  const { state } = store;
  fillTuned(state.tuned[0].id, { name: '', files: [1] });
  fillTuned(addTuned().id, { name: 'final', files: [2] });
  addTuned('final', [3]);
  addTuned('', [4]);
  assert.deepEqual(
    state.tuned.map(({ name }) => name),
    ['tuned', 'final', 'final (2)', 'tuned (2)'],
  );
  // A name that a script has given is not changed by the files.
  const slot = addTuned('mine');
  fillTuned(slot.id, { name: 'other', files: [5] });
  assert.equal(state.tuned.at(-1).name, 'mine');
});

const tensor = (name, layer, module, rest = {}) => ({
  name,
  layer,
  module,
  dtype: 'BF16',
  parameters: 4,
  masks: [],
  ...rest,
});

test('rows without a value come last in both directions', () => {
  const rows = [{ v: 2 }, { v: null }, { v: 1 }, { v: 3 }];
  assert.deepEqual(
    sortRows(rows, ({ v }) => v, false).map(({ v }) => v),
    [1, 2, 3, null],
  );
  assert.deepEqual(
    sortRows(rows, ({ v }) => v, true).map(({ v }) => v),
    [3, 2, 1, null],
  );
  assert.deepEqual(
    sortRows([{ v: 'l.10' }, { v: 'l.2' }], ({ v }) => v, false).map(({ v }) => v),
    ['l.2', 'l.10'],
  );
});

test('the filter takes words and layers', () => {
  const all = [
    tensor('a.0.q', 0, 'q'),
    tensor('a.1.q', 1, 'q'),
    tensor('a.2.k', 2, 'k'),
    tensor('head', null, 'head'),
  ];
  assert.deepEqual(
    filterTensors(all, 'q layer:1-2').map(({ name }) => name),
    ['a.1.q'],
  );
  assert.equal(filterTensors(all, '').length, 4);
});

test('every metric has a chance level or a reference, and stands a tensor without figures', () => {
  const bare = tensor('x', 0, 'q');
  for (const one of METRICS) {
    assert.ok(one.chance || one.reference || one.reported, one.id);
    assert.equal(one.value(bare, 0), null, one.id);
    assert.doesNotThrow(() => one.chance?.(bare, 0), one.id);
    assert.ok(one.about.endsWith('.'), one.id);
  }
  assert.equal(new Set(METRICS.map(({ id }) => id)).size, METRICS.length);
});

test('an unresolved rotation has no value', () => {
  const geometry = { rotation_max: 3, resolved: false };
  assert.equal(findMetric('rotation_max').value({ geometry }), null);
  assert.equal(findMetric('rotation_max').value({ geometry: { ...geometry, resolved: true } }), 3);
});

test('progress follows cost, not the number of tensors', () => {
  let clock = 0;
  const tasks = [
    { name: 'big', cost: 9, bytes: 900 },
    { name: 'small', cost: 1, bytes: 100 },
  ];
  const track = trackProgress(tasks, { now: () => clock });
  track.begin(tasks[1]);
  track.finish(tasks[1]);
  track.begin(tasks[0]);
  track.step(tasks[0], { stage: 'decompose', fraction: 0.5 });
  clock = 11_000;
  const {
    done,
    total,
    fraction,
    tensor: name,
    bytes_per_second: rate,
    seconds_left: left,
  } = track.state();
  assert.deepEqual([done, total, name, Math.round(rate)], [1, 2, 'big', 50]);
  assert.ok(Math.abs(fraction - 0.55) < 1e-12 && Math.abs(left - 9) < 1e-9);
});

test('kept tensors count as done, but not for the speed', () => {
  let clock = 0;
  const kept = [{ name: 'old', cost: 30, bytes: 3000 }];
  const tasks = [
    { name: 'a', cost: 5, bytes: 500 },
    { name: 'b', cost: 5, bytes: 500 },
  ];
  const track = trackProgress(tasks, { kept, now: () => clock });
  assert.deepEqual(
    [track.state().done, track.state().total, track.state().fraction, track.state().seconds_left],
    [1, 3, 0.75, null],
  );
  track.begin(tasks[0]);
  track.finish(tasks[0]);
  clock = 10_000;
  const { done, fraction, bytes_per_second: rate, seconds_left: left } = track.state();
  assert.deepEqual([done, fraction, rate, Math.round(left)], [2, 0.875, 50, 10]);
  track.finish(tasks[1]);
  assert.equal(track.state().fraction, 1);
  assert.equal(trackProgress([], { kept }).state().fraction, 1);
});

test('a tensor whose worker died is reported in every run that has it, and in no other', () => {
  const task = {
    id: 0,
    name: 'model.layers.3.q',
    layer: 3,
    module: 'q',
    shape: [2, 2],
    transposed: false,
    dtype: 'BF16',
    parameters: 4,
    runs: [0, 2],
  };
  const { results, failed } = answerFailure(task, 'no memory');
  assert.deepEqual(
    JSON.parse(results).tensors.map(([run, { name, layer, module, status, error }]) => [
      run,
      name,
      layer,
      module,
      status,
      error,
    ]),
    [0, 2].map((run) => [run, task.name, 3, 'q', 'failed', 'model.layers.3.q: no memory']),
  );
  assert.equal(failed, true);
  const [[, { dtype_base: base, dtype_tuned: tuned }]] = JSON.parse(
    answerFailure({ ...task, dtype_tuned: 'F8_E4M3' }, 'x').results,
  ).tensors;
  assert.deepEqual([base, tuned], ['BF16', 'F8_E4M3']);
  const { properties } = JSON.parse(
    readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
  ).$defs.TensorReport;
  assert.deepEqual(
    Object.keys(JSON.parse(results).tensors[0][1]).sort(),
    Object.keys(properties).sort(),
  );
});

test('each folder with safetensors is a checkpoint; single files are named after the first', () => {
  const file = { size: 1 };
  const found = [
    'm/b/model.safetensors',
    'm/a/x.safetensors',
    'm/a/config.json',
    'm/a/notes.txt',
    'm/empty/config.json',
  ].map((path) => ({ path, file }));
  assert.deepEqual(
    groupByFolder(found).map(({ name, files }) => [name, files.length]),
    [
      ['a', 2],
      ['b', 1],
    ],
  );
  assert.equal(groupByFolder([{ path: 'tuned.safetensors', file }])[0].name, 'tuned');
  // Names that every checkpoint has tell nothing: the zone's own is taken instead.
  for (const path of [
    'model.safetensors',
    'model-00001-of-00002.safetensors',
    'pytorch_model.safetensors',
  ])
    assert.equal(groupByFolder([{ path, file }])[0].name, '');
  // What tells the kind at least is named after it.
  for (const [path, name] of [
    ['adapter_model.safetensors', 'adapter'],
    ['rank_0.safetensors', 'delta'],
    ['sparse_update_patch.safetensors', 'delta'],
  ])
    assert.equal(groupByFolder([{ path, file }])[0].name, name);
  assert.equal(
    groupByFolder([{ path: 'llama-00001-of-00002.safetensors', file }])[0].name,
    'llama',
  );
  const peft = [
    'run/checkpoint-9/adapter_config.json',
    'run/checkpoint-9/adapter_model.safetensors',
    'run/checkpoint-9/tokenizer.json',
  ].map((path) => ({ path, file }));
  assert.deepEqual(
    groupByFolder(peft).map(({ name, files }) => [name, files.map((one) => one.name)]),
    [['checkpoint-9', ['adapter_config.json', 'adapter_model.safetensors']]],
  );
});

test('what is not a report is refused by name', () => {
  for (const [text, message] of [
    ['{', /not JSON/],
    ['{}', /not a Gatescope report/],
    ['null', /not a Gatescope report/],
    ['{"format":"gatescope-report","version":9}', /version 9 .*versions 1 and 2\./],
    ['{"format":"gatescope-report","version":1}', /incomplete/],
  ]) {
    assert.throws(() => parseReport(text), message);
  }
});

/**
 * The words of a closed set, by the name of its type in the schema.
 */
const wordsOf = (type) =>
  JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8')).$defs[
    type
  ].enum;

test('every reason to leave a tensor out has a name', () => {
  assert.deepEqual(Object.keys(REASONS).sort(), wordsOf('LeftOutReason').sort());
});

test('every comparison has a name', () => {
  assert.deepEqual(Object.keys(COMPARISONS).sort(), wordsOf('Comparison').sort());
});

test('every kind of module has a place in the heatmap', () => {
  assert.deepEqual([...MODULES].sort(), wordsOf('Module').sort());
});

test('every change of basis but none has a predicate', () => {
  for (const kind of wordsOf('BasisChange'))
    assert.equal(typeof describeKind(kind), kind === 'none' ? 'object' : 'string', kind);
});

const versionOne = () => readFileSync(new URL('report-version-1.json', import.meta.url), 'utf8');

test('a report of version 1 is shown as one of version 2', () => {
  const before = JSON.parse(versionOne());
  const after = parseReport(versionOne());
  assert.equal(after.version, 2);
  assert.deepEqual(
    [before.settings.span, before.runs[0].span, before.runs[0].delta.target_step],
    ['per_step', 'per_step', 8],
    'the fixture has what was renamed',
  );
  assert.deepEqual(
    [after.settings.comparison, after.runs[0].comparison, after.backend.detail],
    ['per_step', 'per_step', before.backend.reason],
  );
  assert.deepEqual(after.runs[0].delta, {
    layout: 'prime-rl-sparse-update',
    base_version: before.runs[0].delta.base_step,
    target_version: before.runs[0].delta.target_step,
    changed: before.runs[0].delta.changed,
  });
  // Nothing but the names differs, and no old name stays.
  assert.deepEqual(listDifferences(before, after), []);
  assert.doesNotMatch(JSON.stringify(after), /"(span|base_step|target_step)"/);
});

test('a lifted report is what the schema describes', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  assert.ok(validate(parseReport(versionOne())), JSON.stringify(validate.errors));
  assert.equal(validate(JSON.parse(versionOne())), false);
});

test('a report of version 1 from before a field opens without it', () => {
  const report = JSON.parse(versionOne());
  delete report.settings.span;
  for (const run of report.runs) {
    delete run.span;
    delete run.delta;
  }
  const opened = parseReport(JSON.stringify(report));
  assert.deepEqual(
    ['comparison' in opened.settings, 'comparison' in opened.runs[0], opened.version],
    [false, false, 2],
  );
});

test('what was reported reads alike in the table of figures and beside the numbers', () => {
  const told = (id) => findFigure(id).reported?.text ?? '';
  for (const [id, text] of [
    ['sparsity_bf16', reportedText.sparsity],
    ['listed_density', reportedText.sparsity],
    ['nss', reportedText.nss],
    ['rotation_max', reportedText.rotation],
    ['low_overlap', reportedText.low_overlap],
    ['principal_overlap', reportedText.principal_overlap],
  ])
    assert.ok(told(id).endsWith(text), `${id}: “${told(id)}” does not end with “${text}”`);
  for (const [module, [jaccard, chance]] of Object.entries(REPORTED.jaccard.modules))
    assert.ok(
      told('jaccard').includes(`${module} ${number(jaccard)} (chance ${number(chance)})`),
      module,
    );
});

test('a figure that is known to lie in an interval shows its ends', () => {
  const nss = findMetric('nss');
  const geometry = { nss: null, nss_interval: [0.001, 0.2] };
  assert.equal(formatValue(nss, tensor('x', 0, 'q', { geometry }), 0), '0.00100 to 0.200');
  assert.equal(
    formatValue(nss, tensor('x', 0, 'q', { geometry: { ...geometry, nss: 0.1 } }), 0),
    '0.100',
  );
  assert.equal(formatValue(nss, tensor('x', 0, 'q'), 0), '–');
});
