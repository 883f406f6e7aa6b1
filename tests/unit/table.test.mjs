// The table of tensors: what a filter keeps and says, how rows are named and sorted, and which of
// them are drawn.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readWholeReport } from '../../www/report/read-whole.js';
import { filterTensors } from '../../www/report/filter.js';
import { describeProblems, parseFilter } from '../../www/report/parse-filter.js';
import {
  foldName,
  listColumns,
  sortRows,
  tableData,
  timesRandom,
  usualMetrics,
} from '../../www/report/table.js';
import { formatValue } from '../../www/report/metric-words.js';
import { headlinesOf } from '../../www/views/detail/overview.js';
import { MOST_ROWS, rowOfKey, topForRow, visibleRows } from '../../www/dom/window.js';
import { manyTensors } from './many-tensors.mjs';

const matrix = (name, layer, module, rest = {}) => ({
  name,
  layer,
  module,
  dtype: 'BF16',
  shape: [64, 64],
  parameters: 4096,
  masks: [],
  ...rest,
});
const experts = [3, 30, 13].flatMap((expert) =>
  ['gate_proj', 'up_proj'].map((projection) =>
    matrix(`model.layers.1.mlp.experts.${expert}.${projection}.weight`, 1, 'expert'),
  ),
);
const rotated = (degrees, chance) => ({
  geometry: { resolved: true, rotation_max: degrees, nss: degrees / 1000, chance },
});
const ALL = [
  matrix('model.embed_tokens.weight', null, 'embed', { shape: [1000, 64], parameters: 64_000 }),
  matrix('model.layers.0.self_attn.q_proj.weight', 0, 'q', {
    ...rotated(6, { rotation_max: 2 }),
    precision: { sparsity_bf16: 0.95 },
  }),
  matrix('model.layers.1.self_attn.q_proj.weight', 1, 'q', {
    ...rotated(3, { rotation_max: 2 }),
    precision: { sparsity_bf16: 0.4 },
  }),
  matrix('model.layers.1.input_layernorm.weight', 1, 'norm', { shape: [64] }),
  matrix('model.layers.1.mlp.gate.weight', 1, 'router'),
  ...experts,
  matrix('model.layers.10.mlp.w1.weight', 10, 'gate'),
  matrix('model.layers.11.block_sparse_moe.experts.3.w1.weight', 11, 'expert'),
];
const kept = (text) =>
  filterTensors(ALL, text).map(({ name }) =>
    name.replace(/^model\.(layers\.)?/, '').replace(/\.weight$/, ''),
  );

test('words, what they are not, layers and kinds choose tensors', () => {
  assert.equal(kept('').length, ALL.length);
  assert.deepEqual(kept('Q_PROJ layer:1-2'), ['1.self_attn.q_proj']);
  assert.deepEqual(kept('layer:none'), ['embed_tokens']);
  assert.deepEqual(kept('layer:0,10-11 -experts'), ['0.self_attn.q_proj', '10.mlp.w1']);
  assert.deepEqual(kept('layer:1 -expert -q_proj'), ['1.input_layernorm', '1.mlp.gate']);
  assert.deepEqual(kept('module:gate'), ['10.mlp.w1']);
  assert.deepEqual(kept('vectors only'), ['1.input_layernorm']);
  assert.equal(kept('matrices only').length, ALL.length - 1);
  assert.deepEqual(kept('is:vector layer:1'), ['1.input_layernorm']);
  assert.deepEqual(kept('-is:matrix'), ['1.input_layernorm']);
});

test('a number in a name is the whole number', () => {
  assert.deepEqual(kept('experts.3'), [
    '1.mlp.experts.3.gate_proj',
    '1.mlp.experts.3.up_proj',
    '11.block_sparse_moe.experts.3.w1',
  ]);
  assert.equal(kept('layers.1').length, 9);
  assert.deepEqual(kept('3.gate_proj'), ['1.mlp.experts.3.gate_proj']);
});

test('a projection of experts goes by whatever a model calls it', () => {
  assert.deepEqual(kept('experts.gate'), [
    '1.mlp.experts.3.gate_proj',
    '1.mlp.experts.30.gate_proj',
    '1.mlp.experts.13.gate_proj',
    '11.block_sparse_moe.experts.3.w1',
  ]);
  assert.equal(kept('experts.up').length, 3);
});

test('limits of metrics, by short names, in shares and in times a random update', () => {
  assert.deepEqual(kept('rotation>5'), ['0.self_attn.q_proj']);
  assert.deepEqual(kept('rotation <= 3'), ['1.self_attn.q_proj']);
  assert.deepEqual(kept('nss>=3e-3 layer:1'), ['1.self_attn.q_proj']);
  assert.deepEqual(kept('rotation>2x'), ['0.self_attn.q_proj']);
  assert.deepEqual(kept('rotation<2×'), ['1.self_attn.q_proj']);
  assert.deepEqual(kept('rotation_max=6°'), ['0.self_attn.q_proj']);
  assert.deepEqual(kept('unchanged>90%'), ['0.self_attn.q_proj']);
  assert.deepEqual(kept('unchanged<0.5'), ['1.self_attn.q_proj']);
  assert.deepEqual(kept('parameters>5000'), ['embed_tokens']);
  assert.deepEqual(kept('layer>=10 experts'), ['11.block_sparse_moe.experts.3.w1']);
  // What has no value is not below a limit, but it is not above it either.
  assert.equal(kept('-rotation>5').length, ALL.length - 1);
});

test('what is wrong with a filter is said, and the rest of it holds', () => {
  const said = (text) => parseFilter(text).problems.join('|');
  assert.match(said('rotation>'), /a number is missing behind “rotation>”/);
  assert.match(said('rotation>much'), /“much” is not a number/);
  assert.match(said('colour>5'), /there is no metric “colour”/);
  assert.match(said('spectral>5'), /“spectral” may be spectral_.* or spectral_/);
  assert.match(said('unchanged>90'), /sparsity_bf16 is a share: write unchanged>90%/);
  assert.match(said('unchanged>2x'), /no random update/);
  assert.match(said('layer:x'), /names no layers/);
  assert.match(said('is:nice'), /is no kind/);
  assert.equal(said('layer:2-5 -norm experts.3 rotation>5 nss>=1e-3 (unusual [name'), '');
  assert.deepEqual(kept('rotation> q_proj layer:0'), ['0.self_attn.q_proj']);
  assert.equal(describeProblems('q_proj'), null);
  assert.match(describeProblems('zz>1 yy>1') ?? '', /^2 parts of the filter say nothing: .*\.$/);
});

test('names lose what the layer’s column says, unless they begin otherwise', () => {
  const fold = (tensor) => foldName(tensor, ALL);
  assert.equal(fold(ALL[1]), 'self_attn.q_proj.weight');
  assert.equal(fold(ALL[0]), 'model.embed_tokens.weight');
  const other = matrix('vision.layers.0.self_attn.q_proj.weight', 0, 'q');
  assert.equal(foldName(other, [...ALL, other]), other.name);
  assert.equal(foldName(ALL[0], [ALL[0]]), 'model.embed_tokens.weight');
});

test('rows sort by numbers within names, and the report’s order breaks ties', () => {
  const names = sortRows(ALL, ({ name }) => name, true).map(({ layer }) => layer);
  assert.deepEqual(names.slice(0, 2), [11, 10]);
  assert.deepEqual(
    sortRows(experts, () => 1, true),
    experts,
  );
});

test('columns are those that the report has values of, the metric in focus first', async () => {
  const report = await readWholeReport(JSON.stringify(manyTensors({ tensors: 4, runs: 2 })));
  const ids = usualMetrics(report, 'low_overlap');
  assert.equal(ids[0], 'low_overlap');
  assert.equal(new Set(ids).size, ids.length);
  const columns = listColumns(report, ['nss', 'no such metric', 'sparsity_bf16']);
  assert.deepEqual(
    columns.map(({ id }) => id),
    ['layer', 'name', 'module', 'shape', 'nss', 'sparsity_bf16'],
  );
  const { tensors } = report.runs[0];
  const data = tableData(columns, tensors, 0);
  assert.equal(data.columns.length, 7);
  assert.equal(data.columns[5].label, `${data.columns[4].label}, × random`);
  const { nss, chance } = tensors[2].geometry;
  assert.deepEqual(data.rows[2], [
    0,
    tensors[2].name,
    'v',
    '512 × 2048',
    nss,
    nss / chance.nss,
    tensors[2].precision.sparsity_bf16,
  ]);
});

test('principals have a column of their energy, empty where k covers all', () => {
  const principal = (k) =>
    matrix('q', 0, 'q', {
      geometry: {
        k,
        requested_k: k,
        shares_uncertainty: 1e-3,
        off_principal_share: 0.9,
        chance: { both: 0.99 },
      },
    });
  const report = { runs: [{ tensors: [principal(4)] }] };
  const column = listColumns(report, ['off_principal_share']).at(-1);
  assert.equal(column.label, 'Principal energy');
  const near = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found}`);
  near(column.value(principal(4), 0), 0.1);
  near(timesRandom(column.metric, principal(4), 0), 10);
  // The shorter side is 64.
  assert.equal(column.value(principal(64), 0), null);
  assert.equal(timesRandom(column.metric, principal(64), 0), null);
  assert.equal(formatValue(column.metric, principal(64), 0), '–');
  assert.deepEqual(headlinesOf(principal(64), 0)[0], {
    label: 'Principal energy',
    ratio: null,
    raw: '–',
    random: null,
    why: 'k covers all directions',
  });
});

test('only rows in sight and a few around them are drawn', () => {
  const at = (top, count, height = 600) => visibleRows({ top, height, row: 30, count });
  assert.deepEqual(at(0, 5), [0, 5]);
  assert.deepEqual(at(0, 10_000), [0, 37]);
  assert.deepEqual(at(3000, 10_000), [92, 129]);
  assert.deepEqual(at(1e9, 10_000), [9963, 10_000]);
  assert.deepEqual(at(600, 3), [0, 3]);
  const [from, to] = at(3000, 10_000, 1e6);
  assert.equal(to - from, MOST_ROWS);
});

test('keys go through all rows, and no farther', () => {
  assert.equal(rowOfKey('ArrowDown', 0, 10, 5), 1);
  assert.equal(rowOfKey('ArrowDown', 9, 10, 5), 9);
  assert.equal(rowOfKey('ArrowUp', 0, 10, 5), 0);
  assert.equal(rowOfKey('PageDown', 2, 10_000, 20), 21);
  assert.equal(rowOfKey('PageUp', 2, 10_000, 20), 0);
  assert.equal(rowOfKey('End', 2, 10_000, 20), 9999);
  assert.equal(rowOfKey('Home', 2, 10_000, 20), 0);
  assert.equal(rowOfKey('a', 2, 10, 5), null);
  assert.equal(rowOfKey('Home', 0, 0, 5), null);
  const place = { top: 300, height: 300, row: 30 };
  assert.equal(topForRow(12, place), 300);
  assert.equal(topForRow(2, place), 60);
  assert.equal(topForRow(25, place), 480);
});
