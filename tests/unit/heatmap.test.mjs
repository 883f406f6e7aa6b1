// The heatmap's tables for a view, and its words.
import assert from 'node:assert/strict';
import test from 'node:test';
import { findNext } from '../../www/charts/heat-keys.js';
import { mapScale } from '../../www/charts/map-scale.js';
import { channelsOf, mixStops } from '../../www/charts/palette.js';
import { buildHeat } from '../../www/panels/heatmap-data.js';
import { findFarthest } from '../../www/panels/heatmap-pair.js';
import { findOffered } from '../../www/panels/heatmap-none.js';
import { describeMethod, summarize } from '../../www/panels/heatmap-rest.js';
import { headlineOf } from '../../www/panels/heatmap-headline.js';
import { describeScale, nameCell } from '../../www/panels/heatmap-words.js';
import { filterOf } from '../../www/report/narrow-filter.js';
import { percent } from '../../www/report/format.js';
import '../../www/report/filter-lists.js';

const LEVEL = 0.99;
const matrix = (name, layer, module, energy, same = 0.5) => ({
  name,
  layer,
  module,
  dtype: 'BF16',
  shape: [64, 64],
  masks: [],
  precision: { sparsity_bf16: same },
  geometry: {
    off_principal_share: energy === null ? null : 1 - energy,
    shares_uncertainty: 0,
    k: 4,
    requested_k: 4,
    resolved: true,
    exact: true,
    chance: { both: LEVEL },
  },
});
const vector = (name, layer, same) => ({
  name,
  layer,
  module: 'norm',
  dtype: 'BF16',
  shape: [64],
  masks: [],
  precision: { sparsity_bf16: same },
  geometry: null,
});
const runOf = (name, times) => ({
  checkpoint: { name },
  tensors: [
    matrix('model.embed_tokens.weight', null, 'embed', 0.01, 0.1),
    vector('model.norm.weight', null, 1),
    ...[0, 1].flatMap((layer) => [
      vector(`model.layers.${layer}.input_layernorm.weight`, layer, 1),
      matrix(`model.layers.${layer}.self_attn.q_proj.weight`, layer, 'q', 0.02 * times, 0.04),
      matrix(
        `model.layers.${layer}.self_attn.v_proj.weight`,
        layer,
        'v',
        0.04 * times * (layer + 1),
        0.16,
      ),
      ...[0, 1, 2].map((expert) =>
        matrix(
          `model.layers.${layer}.mlp.experts.${expert}.up_proj.weight`,
          layer,
          'expert',
          0.01 * (expert + 1),
          0.1,
        ),
      ),
    ]),
  ],
});
const report = { runs: [runOf('a', 1), runOf('b', 2), runOf('c', 1)], settings: {} };
const viewOf = (patch = {}) => ({
  ...{ report, runs: [0, 1, 2], run: 0, alpha: 0, metric: 'off_principal_share', tensor: null },
  ...{ arrangement: 'one', filter: '', width: 1200 },
  ...patch,
});

test('matrices have the scale; vectors and tensors outside layers each one of their own', () => {
  const { main, strips, parts, measure } = buildHeat(viewOf({ metric: 'sparsity_bf16' }));
  assert.equal(measure.kind, 'plain');
  assert.deepEqual(parts, ['matrices', 'vectors', 'experts']);
  assert.deepEqual(main.rows, ['q', 'v', 'experts.up']);
  assert.ok(main.scale.high < 0.2, 'norms at 100 % are not on the scale of matrices');
  assert.deepEqual(
    strips.map(({ rows, scale }) => [rows, scale.low, scale.high]),
    [
      [['input_layernorm'], 1, 1],
      [['embed_tokens'], 0.1, 0.1],
      [['norm'], 1, 1],
    ],
  );
});

test('strips without any value are left out', () => {
  assert.deepEqual(
    buildHeat(viewOf()).strips.map(({ rows }) => rows),
    [['embed_tokens']],
  );
});

test('several runs share one scale; each cell knows its run', () => {
  const view = viewOf({ arrangement: 'multiples' });
  const { main } = buildHeat(view);
  assert.equal(main.cells.length, 3 * 6);
  // One cell of b has 16×: it lies beyond the bulk of all runs.
  assert.deepEqual([main.scale.high, main.scale.above], [8, true]);
  const cell = main.cells.find(({ group, row, along }) => group && row === 'v' && along === 1);
  assert.equal(nameCell(cell, main, view), 'b, layer 1, v');
});

test('a difference is of the run in focus and the one that was chosen, or the first other', () => {
  const find = ({ main }) => main.cells.find(({ row }) => row === 'q');
  const view = viewOf({ arrangement: 'difference' });
  const data = buildHeat(view);
  assert.deepEqual(data.pair, { one: 0, other: 1 });
  assert.ok(Math.abs(find(data).shown - 0.5) < 1e-9);
  assert.match(describeScale(data, view), /: a ÷ b$/);
  assert.match(headlineOf(data, view), /^Principal energy differs most between a and b in layer/);
  const same = viewOf({ arrangement: 'difference', against: 2 });
  assert.equal(headlineOf(buildHeat(same), same), 'Principal energy is the same in a and c');
  const plain = viewOf({ arrangement: 'difference', metric: 'sparsity_bf16' });
  assert.equal(buildHeat(plain).main.scale.kind, 'signed');
  assert.match(describeScale(buildHeat(plain), plain), /: a − b$/);
  // A report of one run has no difference.
  const alone = viewOf({ report: { ...report, runs: [runOf('a', 1)] }, runs: [0] });
  assert.equal(buildHeat({ ...alone, arrangement: 'difference' }).pair, null);
});

test('a filter fades the cells that it leaves out, and one of experts opens their map', () => {
  const whole = buildHeat(viewOf());
  assert.equal(whole.experts, null);
  const cell = whole.main.cells.find(({ row, along }) => row === 'experts.up' && along === 1);
  const { main, experts } = buildHeat(viewOf({ filter: filterOf(cell.cell) }));
  assert.deepEqual(
    main.cells.filter(({ faded }) => !faded).map(({ row, along }) => [row, along]),
    [['experts.up', 1]],
  );
  assert.deepEqual(
    [experts.row, experts.rows, experts.along],
    ['experts.up', ['0', '1'], [0, 1, 2]],
  );
  assert.equal(experts.cells.length, 6);
  assert.equal(buildHeat(viewOf({ part: 'experts' })).experts.row, 'experts.up');
});

test('the headline names the farthest cell, or says that all are equal or none has a value', () => {
  const view = viewOf();
  const data = buildHeat(view);
  assert.equal(headlineOf(data, view), 'Principal energy is highest in layer 1, v: 8× random');
  assert.match(summarize(data, view), /6 cells, 3 rows and 2 layers: median 2×, lowest 2× in/);
  const vectors = viewOf({ metric: 'sparsity_bf16', part: 'vectors' });
  assert.equal(
    headlineOf(buildHeat(vectors), vectors),
    'Unchanged in bf16 is the same everywhere: 100\u00a0%',
  );
  const none = viewOf({ metric: 'nss' });
  assert.equal(headlineOf(buildHeat(none), none), 'No value of “NSS” here');
});

const onlyMatrices = (times) => ({
  checkpoint: { name: 'x' },
  tensors: times.map((one, layer) =>
    matrix(`model.layers.${layer}.self_attn.q_proj.weight`, layer, 'q', 0.01 * one),
  ),
});
const headline = (runs, patch = {}) => {
  const view = viewOf({ report: { ...report, ...patch.report, runs }, runs: [0], ...patch.view });
  return headlineOf(buildHeat(view), view);
};

test('the end farthest from random is named; near it everywhere is said', () => {
  const named = headline([onlyMatrices([0.1, 1, 3])]);
  assert.equal(named, 'Principal energy is lowest in layer 0, q: 0.1× random');
  assert.equal(
    headline([onlyMatrices([0.98, 1, 1.05])]),
    'Principal energy is close to random everywhere: 0.98× to 1.05×',
  );
});

test('a headline is of the tensors that the filter keeps', () => {
  const run = onlyMatrices([8, 4, 2]);
  assert.match(headline([run], { view: { filter: 'layer:1-2' } }), /highest in layer 1, q: 4×/);
  assert.match(headline([run], { view: { filter: 'layer:7' } }), /the filter keeps none/);
});

test('of a part of a model the headline claims nothing', () => {
  const partial = { finished: 3, total: 9 };
  assert.equal(
    headline([onlyMatrices([8, 4, 2])], { report: { partial } }),
    'Principal energy of the 3 finished tensors',
  );
});

test('a difference opens on the run that differs most', () => {
  const runs = [1, 1.1, 9, 2].map((times) => onlyMatrices([times, 2 * times]));
  const view = viewOf({ report: { ...report, runs }, runs: [0, 1, 2, 3] });
  const pairFrom = (patch) =>
    buildHeat({ ...view, arrangement: 'difference', ...patch }, findFarthest).pair;
  assert.deepEqual(pairFrom({}), { one: 0, other: 2 });
  assert.deepEqual(pairFrom({ run: 2 }), { one: 2, other: 0 });
  assert.deepEqual(pairFrom({ runs: [0, 1, 3] }), { one: 0, other: 3 });
  assert.deepEqual(pairFrom({ against: 1 }), { one: 0, other: 1 });
});

test('where a metric has no value, another is offered that has some', () => {
  const covered = onlyMatrices([1, 2]);
  for (const { geometry } of covered.tensors) geometry.k = 64;
  const view = viewOf({ report: { ...report, runs: [covered] }, runs: [0] });
  const data = buildHeat(view);
  assert.deepEqual(
    data.main.cells.map(({ shown }) => shown),
    [null, null],
  );
  assert.equal(findOffered(view, data).id, 'sparsity_bf16');
});

test('a limit of a value is decided by the run in focus', () => {
  const runs = [onlyMatrices([1, 2, 3]), onlyMatrices([3, 2, 1])];
  const filter = 'off_principal<97.5%';
  const view = viewOf({ report: { ...report, runs }, runs: [0, 1], arrangement: 'multiples' });
  const kept = (run) =>
    buildHeat({ ...view, run, filter })
      .main.cells.filter(({ faded }) => !faded)
      .map(({ group, along }) => [group, along]);
  assert.deepEqual(kept(0), [
    [0, 2],
    [1, 2],
  ]);
  assert.deepEqual(kept(1), [
    [0, 0],
    [1, 0],
  ]);
});

test('the method gives formula and random level, and never says chance', () => {
  const view = viewOf();
  const text = describeMethod(buildHeat(view), view).join(' ');
  assert.match(text, /Off-principal share = 1 − /);
  assert.match(text, /Random update of the same size: 1\.00\u00a0%, by 1 − k²\/\(mn\)/);
  assert.doesNotMatch(text, /chance/);
});

test('arrows skip places without a cell, and stop at the edge', () => {
  const places = new Map([
    ['0 0', 0],
    ['0 2', 1],
    ['1 0', 2],
  ]);
  const size = { rows: 2, columns: 3 };
  assert.equal(findNext(places, { row: 0, column: 0 }, [0, 1], size), 1);
  assert.equal(findNext(places, { row: 0, column: 2 }, [1, 0], size), null);
  assert.equal(findNext(places, { row: 1, column: 0 }, [-1, 0], size), 0);
});

test('a map with a random level lies around it; another runs from low to high', () => {
  const format = percent;
  const around = mapScale([0.1, 0.2, 0.4], { level: 0.2, log: false, format });
  assert.deepEqual([around.palette, around.place(0.2)], ['div', 0.5]);
  assert.deepEqual(
    around.marks.map(({ text }) => text),
    ['0.5×', '1× = 20\u00a0%', '2×'],
  );
  assert.equal(around.place(0), 0);
  const plain = mapScale([0, 0.5, 1], { level: null, log: false, format });
  assert.deepEqual([plain.palette, plain.place(0.5)], ['seq', 0.5]);
  assert.equal(
    mapScale([0.3, 0.3], { level: null, log: false, format }).marks[0].text,
    'all equal: 30\u00a0%',
  );
});

test('colours as browsers compute them, and between two stops', () => {
  assert.deepEqual(channelsOf('rgb(1, 20, 255)'), [1, 20, 255]);
  assert.deepEqual(channelsOf('color(srgb 0 0.5 1)'), [0, 128, 255]);
  const stops = [
    [0, 0, 0],
    [100, 200, 50],
    [0, 0, 0],
  ];
  assert.deepEqual(mixStops(stops, 0.25), [50, 100, 25]);
  assert.deepEqual([mixStops(stops, 0.5), mixStops(stops, 7)], [stops[1], stops[2]]);
});
