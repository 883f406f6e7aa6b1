// The address of a place in a report: what is written is read again, and nothing is taken on trust.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readAddress, readKey, titleOf, writeAddress } from '../../www/app/address.js';
import { keyOf } from '../../www/report/report-key.js';
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
  assert.match(writeAddress(report, FIRST), /^report=[0-9a-z]+&run=rlvr\+1&metric=nss$/);
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

test('an address is not of a report with runs of the same names', () => {
  const address = `#${writeAddress(report, { ...FIRST, runs: [0] })}`;
  assert.deepEqual(readAddress(report, address)?.runs, [0]);
  assert.equal(readAddress({ ...report, created: '2026-01-02T03:04:05Z' }, address), null);
  assert.equal(readAddress({ ...report, base: { name: 'other' } }, address), null);
  assert.equal(readKey(address), keyOf(report));
  assert.equal(readKey('#run=rlvr+1'), null);
});

test('a title names all runs, as far as there is room', () => {
  const runs = (...names) => names.map((name) => ({ checkpoint: { name } }));
  assert.equal(
    titleOf({ base: { name: 'base' }, runs: runs('a', 'b', 'c') }),
    'base → a, b and c · Gatescope',
  );
  assert.equal(
    titleOf({ base: null, runs: runs('a', 'b', 'c', 'd', 'e') }),
    'a, b, c and 2 more · Gatescope',
  );
  const long = 'Qwen2.5-1.5B-GRPO-checkpoint-1200-final';
  assert.ok(titleOf({ base: { name: long }, runs: runs(long, long, long) }).length < 120);
});

test('long names lose their middle, and are never longer than asked for', () => {
  assert.equal(shortenMiddle('short'), 'short');
  const short = shortenMiddle('Qwen2.5-1.5B-GRPO-checkpoint-1200-final', 20);
  assert.equal([...short].length, 20);
  assert.match(short, /^Qwen2\.5-1.*…/);
  assert.match(short, /final$/);
});
