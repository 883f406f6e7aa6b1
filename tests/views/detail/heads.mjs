// Attention heads of a tensor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { degrees, number, percent } from '../../../www/report/format.js';
import {
  DOWN,
  PARTS,
  Q,
  opened,
  part,
  report,
  select,
  show,
  tab,
  tensor,
  texts,
} from './set-up.mjs';

test('heads of queries, keys and values in one tensor are called by what they are', async () => {
  const fused = structuredClone(report);
  fused.runs[0].tensors.find(({ name }) => name === Q).heads.labels = [
    'q0',
    'q1',
    'q2',
    'q3',
    'k0',
    'v0',
  ];
  await show(fused);
  await select(Q);
  await tab('heads');
  const bars = await texts(`${part(PARTS[2])} svg title`);
  for (const name of ['q3', 'k0', 'v0'])
    assert.equal(bars.filter((text) => text.startsWith(`head ${name}: `)).length, 3, name);
  assert.ok(!bars.some((text) => /^head \d/.test(text)), bars.join('\n'));
  assert.ok((await texts(`${part(PARTS[2])} svg:first-of-type text`)).includes('k0'));
  await show(report);
});

test('every attention head has a bar, beside what heads that are alike would have', async () => {
  await select(Q);
  await tab('heads');
  const { heads, precision } = tensor(Q);
  assert.deepEqual(
    await opened.page.$$eval(`${part(PARTS[2])} svg`, (all) =>
      all.map((svg) => [
        svg.getAttribute('aria-label'),
        svg.querySelectorAll('[aria-label=bar] rect').length,
      ]),
    ),
    [
      ['Changed weights by head', heads.count],
      [`Rotation by head, k = ${heads.k}`, heads.count],
      ['NSS by head', heads.count],
    ],
  );
  const own = 1 - precision.sparsity_bf16;
  assert.ok(
    (await texts(`${part(PARTS[2])} .beside`))[0].startsWith(
      `0 is the matrix’s own share, ${percent(own)}`,
    ),
  );
  assert.equal(heads.count, 6);
  assert.ok(
    (await texts(`${part(PARTS[2])} svg title`)).some(
      (text) =>
        text.startsWith(`head 5: ${degrees(heads.rotation[5])} (random `) &&
        text.endsWith(`, gap ${number(heads.gap[5])}`),
    ),
  );
  await select(DOWN);
  assert.equal(await opened.page.$('#detail-heads'), null);
});
