// The energy of an update by layer and module agrees with the report's own rollups.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { shareTicks } from '../../www/charts/energy.js';
import { ratioAxis } from '../../www/charts/log-axis.js';
import { spreadOut } from '../../www/charts/spread-out.js';
import {
  divideByLayer,
  divideByModule,
  findConcentration,
  hasWord,
  listLayers,
  listModules,
  toggleWord,
  withoutWords,
} from '../../www/report/energy.js';
import { filterTensors } from '../../www/report/table.js';
import { matrix, vector } from './answer-reports.mjs';

const near = (found, wanted, relative = 1e-9) =>
  assert.ok(Math.abs(found - wanted) <= relative * Math.abs(wanted), `${found}, ${wanted}`);

const model = () => [
  { ...matrix({ update: 1 }), layer: null, module: 'embed' },
  matrix({ layer: 0, module: 'q', update: 2 }),
  vector({ layer: 0, update: 0 }),
  matrix({ layer: 1, module: 'q', update: 2 }),
  matrix({ layer: 1, module: 'down', update: 4 }),
  { ...matrix({ update: 5 }), layer: null, module: 'head' },
];

test('shares add to 1, layers come first and what stands outside them is named', () => {
  const tensors = model();
  const shares = divideByLayer(tensors);
  near(shares.get('0').energy, 4 / 50);
  near(shares.get('1').energy, 20 / 50);
  near(shares.get('outside head').energy, 25 / 50);
  near(
    [...shares.values()].reduce((all, { energy }) => all + energy, 0),
    1,
  );
  near(
    [...shares.values()].reduce((all, { weights }) => all + weights, 0),
    1,
  );
  assert.deepEqual(
    listLayers([tensors]).map(({ label }) => label),
    ['0', '1', 'embeddings', 'head'],
  );
  assert.deepEqual(
    listModules([tensors]).map(({ key }) => key),
    ['embed', 'norm', 'q', 'down', 'head'],
  );
});

test('a module as its size lets expect stands at 1', () => {
  const even = divideByModule([matrix({ module: 'q' }), matrix({ module: 'v' })]);
  near(even.get('q').ratio, 1);
  near(divideByModule(model()).get('head').ratio, 25 / 50 / (5000 / 25_100));
});

test('what was not compared has no share, and without any update there is none', () => {
  const failed = { ...matrix({ layer: 3 }), update: null };
  assert.ok(!divideByLayer([...model(), failed]).has('3'));
  assert.equal(divideByLayer([matrix({ update: 0 })]).get('0').energy, null);
});

test('a layer with much more than its size is where the update is', () => {
  assert.deepEqual(findConcentration(model()).group.label, 'head');
  assert.equal(findConcentration([0, 1, 2].map((layer) => matrix({ layer }))), null);
  assert.equal(findConcentration([matrix()]), null);
  // Twice its size alone is not much of all.
  const many = Array.from({ length: 40 }, (_, layer) => matrix({ layer, update: layer ? 1 : 2 }));
  assert.equal(findConcentration(many), null);
});

test('a choice is a word of the filter that is taken back by choosing again', () => {
  assert.equal(toggleWord('', 'layer', 'layer:5'), 'layer:5');
  assert.equal(toggleWord('layer:5', 'layer', 'layer:5'), '');
  assert.equal(toggleWord('layer:5 module:q', 'layer', 'layer:3'), 'module:q layer:3');
  const outside = 'layer:none module:head';
  assert.equal(toggleWord('layer:5', 'layer', outside), outside);
  assert.equal(toggleWord(outside, 'layer', outside), '');
  assert.equal(toggleWord(`${outside} module:q`, 'module', 'module:q'), outside);
  assert.ok(hasWord(outside, 'layer', outside));
  assert.ok(!hasWord(outside, 'module', 'module:head'));
  assert.equal(withoutWords('down layer:2-5 module:q', 'layer'), 'down module:q');
});

test('the words keep what they name', () => {
  const kept = (filter) =>
    filterTensors(model(), filter).map(({ layer, module }) => [layer, module]);
  assert.deepEqual(kept('module:q'), [
    [0, 'q'],
    [1, 'q'],
  ]);
  assert.deepEqual(kept('layer:none module:head'), [[null, 'head']]);
  for (const { word } of [...listLayers([model()]), ...listModules([model()])])
    assert.ok(kept(word).length, word);
});

test('letters that would cover each other move apart, as little as they can', () => {
  assert.deepEqual(spreadOut([10, 50], 17, 0, 100), [10, 50]);
  assert.deepEqual(spreadOut([50, 50, 50], 10, 0, 100), [40, 50, 60]);
  assert.deepEqual(spreadOut([100, 98], 10, 0, 100), [100, 90]);
  assert.deepEqual(spreadOut([], 10, 0, 100), []);
  const crowded = spreadOut([5, 50, 52, 54, 95], 10, 0, 100);
  const ordered = [...crowded].sort((a, b) => a - b);
  for (let i = 1; i < ordered.length; i += 1) assert.ok(ordered[i] - ordered[i - 1] >= 10 - 1e-9);
});

test('an axis of ratios has 1 on it, few ticks, and stops at a thousandth', () => {
  const wide = ratioAxis([0.1, 14], 0, 100);
  assert.deepEqual(wide.ticks, [0.1, 1, 10]);
  assert.ok(wide.place(1) > wide.place(0.1) && wide.place(1) < wide.place(14));
  assert.deepEqual(ratioAxis([0.9, 1.2], 0, 100).ticks, [0.5, 1, 2]);
  const far = ratioAxis([0, 1e-9, 1e9], 0, 100);
  assert.deepEqual([far.beyond(0), far.beyond(1), far.beyond(1e9)], [-1, 0, 1]);
  assert.deepEqual([far.place(0), far.place(1e9)], [0, 100]);
  assert.ok(far.ticks.length <= 5 && far.ticks.includes(1));
});

test('an axis of shares ends at a round one', () => {
  assert.deepEqual(shareTicks(0.47), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(shareTicks(1), [0, 0.5, 1]);
  assert.deepEqual(shareTicks(0.012), [0, 0.01, 0.02]);
});

/** A report of the native program, of two layers, without its long lists. */
const small = () => JSON.parse(readFileSync(new URL('small-report.json', import.meta.url), 'utf8'));

test('layers and modules agree with the report’s own rollups', () => {
  for (const { tensors, layers, modules, model: all } of small().runs) {
    // A rollup tells ‖Δ‖ over ‖W0‖ of its group.
    const squareOf = ({ relative_update: relative }, group) =>
      relative ** 2 * group.reduce((sum, { update }) => sum + update.frobenius_base ** 2, 0);
    const square = squareOf(all, tensors);
    for (const [rollups, shares, groupOf] of [
      [layers, divideByLayer(tensors), ({ layer }) => String(layer)],
      [modules, divideByModule(tensors), ({ module }) => module],
    ])
      for (const rollup of rollups) {
        const share = shares.get(rollup.key);
        const group = tensors.filter((tensor) => groupOf(tensor) === rollup.key);
        near(share.energy, squareOf(rollup, group) / square, 1e-7);
        near(share.weights, rollup.parameters / all.parameters);
        assert.equal(share.tensors, rollup.tensors);
      }
  }
});
