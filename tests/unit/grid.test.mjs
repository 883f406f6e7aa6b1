// Rows and cells of the heatmap, by the names of tensors.
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrangeExperts, findExpertRow } from '../../www/report/experts.js';
import { filterOf, narrowTo } from '../../www/report/narrow-filter.js';
import { arrangeCells, isMatrix } from '../../www/report/grid.js';
import { findExpert, nameRow, shortName } from '../../www/report/module-names.js';
import { filterTensors } from '../../www/report/table.js';

const tensor = (name, layer, module, shape = [4, 4]) => ({
  name,
  layer,
  module,
  shape,
  dtype: 'BF16',
});
const layered = (layer, within, module, shape) =>
  tensor(`model.layers.${layer}.${within}`, layer, module, shape);

test('own names in a layer, tensors outside layers apart', () => {
  assert.equal(shortName('model.layers.3.self_attn.q_proj.weight'), 'q_proj');
  const { layers, modules, rows, cells, outside } = arrangeCells([
    tensor('model.embed_tokens.weight', null, 'embed'),
    tensor('h.0.mlp.c_proj.weight', 0, 'down'),
    tensor('h.0.attn.c_proj.weight', 0, 'o'),
    tensor('h.1.ln_1.weight', 1, 'norm', [4]),
  ]);
  assert.deepEqual(
    [layers, modules],
    [
      [0, 1],
      ['ln_1', 'o', 'down'],
    ],
  );
  assert.deepEqual(
    rows.map(({ matrix, experts }) => [matrix, experts]),
    [
      [false, false],
      [true, false],
      [true, false],
    ],
  );
  assert.equal(cells.length, 3);
  assert.deepEqual(
    outside.map(({ module, layer }) => [module, layer]),
    [['embed_tokens', null]],
  );
});

test('a vision tower has rows of its own: its layers are not those of the language model', () => {
  const { modules, cells } = arrangeCells([
    tensor('model.layers.0.self_attn.q_proj.weight', 0, 'q'),
    tensor('vision_tower.encoder.layers.0.self_attn.q_proj.weight', 0, 'q'),
  ]);
  assert.deepEqual(modules, ['q', 'vision_tower.encoder q']);
  assert.ok(cells.every(({ tensors }) => tensors.length === 1));
});

test('a kind that two matrices of a layer share leaves them their own names', () => {
  const names = (within) =>
    arrangeCells(within.map(([name, module]) => layered(0, name, module))).modules;
  assert.deepEqual(
    names([
      ['self_attn.q_proj.weight', 'q'],
      ['self_attn.q_proj.bias', 'bias'],
      ['cross_attn.k_proj.weight', 'k'],
      ['self_attn.k_proj.weight', 'k'],
    ]),
    ['q', 'cross_attn.k_proj', 'k_proj', 'q.bias'],
  );
});

/** Names of each family of mixtures, in no order, with the rows and experts that they mean. */
const MIXTURES = {
  Mixtral: [
    ['block_sparse_moe.experts.7.w1.weight', 'expert', 'experts.gate', 7],
    ['block_sparse_moe.experts.7.w2.weight', 'expert', 'experts.down', 7],
    ['block_sparse_moe.experts.7.w3.weight', 'expert', 'experts.up', 7],
    ['block_sparse_moe.gate.weight', 'router', 'router', null],
  ],
  'Qwen-MoE': [
    ['mlp.experts.127.gate_proj.weight', 'expert', 'experts.gate', 127],
    ['mlp.experts.0.up_proj.weight', 'expert', 'experts.up', 0],
    ['mlp.experts.3.down_proj.weight', 'expert', 'experts.down', 3],
    ['mlp.shared_expert.gate_proj.weight', 'expert', 'shared.gate', null],
    ['mlp.shared_expert_gate.weight', 'router', 'shared_expert_gate', null],
    ['mlp.gate.weight', 'router', 'router', null],
  ],
  DeepSeek: [
    ['mlp.experts.63.down_proj.weight', 'expert', 'experts.down', 63],
    ['mlp.shared_experts.up_proj.weight', 'expert', 'shared.up', null],
    ['mlp.shared_experts.down_proj.weight', 'expert', 'shared.down', null],
    ['mlp.gate.weight', 'router', 'router', null],
    ['mlp.gate.e_score_correction_bias', 'other', 'gate.e_score_correction_bias', null],
    // A dense layer of the same model.
    ['mlp.gate_proj.weight', 'gate', 'gate_proj', null],
  ],
  'stacked experts': [
    ['mlp.experts.gate_up_proj[5]', 'expert', 'experts.gate_up', 5],
    ['mlp.experts.down_proj[31]', 'expert', 'experts.down', 31],
    ['feed_forward.experts.gate_up_proj[0]', 'expert', 'experts.gate_up', 0],
    ['feed_forward.router.weight', 'router', 'router', null],
    ['block_sparse_moe.input_linear.weight[2]', 'other', 'experts.gate_up', 2],
    ['mlp.router.bias', 'bias', 'router.bias', null],
    // Slices of other tensors are no experts.
    ['mixer.conv1d.weight[9]', 'other', 'mixer.conv1d', null],
  ],
};

for (const [family, names] of Object.entries(MIXTURES))
  test(`${family}: projections, experts, routers and shared experts by their names`, () => {
    for (const [within, module, row, expert] of names) {
      const name = `model.layers.4.${within}`;
      const found = findExpert(name);
      assert.deepEqual(
        [found?.row ?? nameRow({ name, module }), found?.expert ?? null],
        [row, expert],
        name,
      );
    }
  });

const EXPERTS = 8;
const mixture = [0, 1].flatMap((layer) => [
  layered(layer, 'self_attn.q_proj.weight', 'q'),
  layered(layer, 'mlp.gate.weight', 'router'),
  layered(layer, 'mlp.shared_experts.down_proj.weight', 'expert'),
  ...Array.from({ length: EXPERTS }, (_, expert) =>
    ['down', 'up', 'gate'].map((projection) =>
      layered(layer, `mlp.experts.${expert}.${projection}_proj.weight`, 'expert'),
    ),
  ).flat(),
]);

test('experts of a projection share a cell; projections, router and shared experts do not', () => {
  const { rows, cells } = arrangeCells(mixture);
  assert.deepEqual(
    rows.map(({ module, experts }) => [module, experts]),
    [
      ['q', false],
      ['router', false],
      ['experts.gate', true],
      ['experts.up', true],
      ['experts.down', true],
      ['shared.down', false],
    ],
  );
  assert.deepEqual(
    [...new Set(cells.map(({ tensors }) => tensors.length))].sort((a, b) => a - b),
    [1, EXPERTS],
  );
});

test('layer × expert of one projection', () => {
  const { layers, experts, cells } = arrangeExperts(mixture, 'experts.up');
  assert.deepEqual(
    [layers, experts],
    [
      [0, 1],
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
  );
  assert.equal(cells.length, 2 * EXPERTS);
  assert.ok(cells.every(({ tensors: [{ name }] }) => name.includes('up_proj')));
});

test('the filter of an expert cell keeps its tensors, and names the row again', () => {
  const { cells } = arrangeCells(mixture);
  const cell = cells.find(({ layer, module }) => layer === 1 && module === 'experts.down');
  // Another cell's words give way, the reader's own stay.
  const own = filterOf(cell);
  for (const [filter, wanted] of [
    ['', own],
    ['rotation>5 -norm', `rotation>5 -norm ${own}`],
    ['layer:7 rank<3 .experts. .other_proj', `rank<3 ${own}`],
    [own, own],
  ])
    assert.equal(narrowTo(filter, cell), wanted);
  const kept = filterTensors(mixture, filterOf(cell));
  assert.deepEqual(kept, cell.tensors);
  assert.equal(findExpertRow(kept), 'experts.down');
  assert.equal(findExpertRow(filterTensors(mixture, 'layer:1')), null);
  assert.equal(findExpertRow(kept.slice(0, 1)), null);
  assert.equal(findExpertRow([]), null);
  const stacked = Array.from({ length: 3 }, (_, e) =>
    layered(2, `mlp.experts.gate_up_proj[${e}]`, 'expert'),
  );
  const [only] = arrangeCells(stacked).cells;
  const other = layered(2, 'mlp.experts.down_proj[0]', 'expert');
  assert.deepEqual(filterTensors([...stacked, other], filterOf(only)), stacked);
  assert.equal(findExpertRow(stacked), 'experts.gate_up');
});

test('vectors are told by their shape, or by their module where a delta tells no shape', () => {
  assert.deepEqual(
    [
      { shape: [4, 4], module: 'norm' },
      { shape: [4], module: 'q' },
      { shape: [], module: 'norm' },
      { shape: [], module: 'q' },
    ].map(isMatrix),
    [true, false, false, true],
  );
});
