// Changes of basis by hand: which layers, how much of the update, and what is said of the output
// projection.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  listBasisChanges,
  explainedShare,
  findBasisChange,
  formatNumbers,
  describeKind,
} from '../../www/report/basis-change.js';

const values = (layer, kind, after) => ({
  name: `l.${layer}.v`,
  layer,
  function_preserving: {
    partner: `l.${layer}.o`,
    kind,
    permutation: null,
    rotation_max: 30,
    update_before: 0.5,
    update_after: after,
    chance: 0.75,
  },
});
const run = {
  tensors: [
    values(7, 'rotated', 0.01),
    values(3, 'rotated', 0.005),
    values(4, 'none', 0.45),
    values(5, 'permuted', 0),
    { name: 'l.3.o', layer: 3, function_preserving: null },
    { name: 'old' },
  ],
};

test(
  'layers of a kind stand together, with the least and the largest share; what is none is not ' +
    'among them',
  () => {
    assert.deepEqual(listBasisChanges(run), [
      { kind: 'rotated', layers: [7, 3], share: [0.98, 0.99], chance: [0.25, 0.25] },
      { kind: 'permuted', layers: [5], share: [1, 1], chance: [0.25, 0.25] },
    ]);
    assert.deepEqual(
      listBasisChanges({ tensors: [{ name: 'x' }, { name: 'y', function_preserving: null }] }),
      [],
    );
  },
);

test('an output projection is said to have what its value projection found', () => {
  assert.equal(findBasisChange(run, 'l.3.o').values, 'l.3.v');
  assert.equal(findBasisChange(run, 'l.4.v').kind, 'none');
  assert.equal(findBasisChange(run, 'old'), null);
});

test('nothing goes away of nothing', () => {
  assert.deepEqual(explainedShare({ update_before: 0, update_after: 0, chance: 0.9 }).share, null);
  assert.equal(describeKind('none'), null);
});

test('numbers in a row are a range', () =>
  assert.deepEqual(
    [formatNumbers([7, 3]), formatNumbers([2, 0, 1, 4]), formatNumbers([])],
    ['3, 7', '0–2, 4', ''],
  ));
