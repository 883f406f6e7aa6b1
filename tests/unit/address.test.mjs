// The address of a place in a report: what is written is read again, and nothing is taken on trust.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readAddress, writeAddress } from '../../www/app/address.js';
import { shortenMiddle } from '../../www/report/short-name.js';

const tensors = [{ name: 'model.layers.0.mlp.up_proj.weight' }, { name: 'a&b=c#d' }];
const report = {
  settings: { alphas: [0.1, 0.3] },
  runs: ['rlvr 1', 'sft & more', '#3'].map((name) => ({ checkpoint: { name }, tensors })),
};
const FIRST = {
  runs: [0, 1, 2],
  run: 0,
  alpha: 0,
  metric: 'nss',
  tensor: null,
  arrangement: 'one',
  against: undefined,
  part: 'matrices',
  filter: '',
  tab: 'tensors',
};

test('a place is written and read again, hostile names among it', () => {
  for (const place of [
    FIRST,
    {
      runs: [1, 2],
      run: 1,
      alpha: 1,
      metric: 'rotation_max',
      tensor: 'a&b=c#d',
      arrangement: 'difference',
      against: 2,
      part: 'vectors',
      filter: 'layer:2-5 -norm & more',
      tab: 'compare',
    },
  ])
    assert.deepEqual(readAddress(report, `#${writeAddress(report, place)}`), place);
});

test('what is as on opening is left out', () => {
  assert.equal(writeAddress(report, FIRST), 'run=rlvr+1&metric=nss');
});

test('an address of another report is none; parts that do not exist fall back', () => {
  assert.equal(readAddress(report, '#run=other&metric=nss'), null);
  assert.equal(readAddress(report, ''), null);
  assert.deepEqual(
    readAddress(
      report,
      '#run=rlvr+1&metric=nss&tensor=none&alpha=7&arrangement=x&hidden=rlvr+1&hidden=none',
    ),
    FIRST,
  );
});

test('long names lose their middle, and are never longer than asked for', () => {
  assert.equal(shortenMiddle('short'), 'short');
  const short = shortenMiddle('Qwen2.5-1.5B-GRPO-checkpoint-1200-final', 20);
  assert.equal([...short].length, 20);
  assert.match(short, /^Qwen2\.5-1.*…/);
  assert.match(short, /final$/);
});
