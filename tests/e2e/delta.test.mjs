// A sparse delta in place of a tuned checkpoint: it is said to be one, and one step, before its figures.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { attentionLayer, safetensors, temporaryFolder, trlDelta } from './checkpoints.mjs';
import { drop, openPage } from './harness.mjs';

const Q = 'model.layers.0.self_attn.q_proj.weight';
let held;

before(async () => { held = await openPage(); });
after(() => held?.close());

const texts = (selector) => held.page.$$eval(selector, (all) => all.map((one) => one.textContent));

test('a delta of TRL: what it lists, what its files tell, and no range of whole runs', async (t) => {
  const folder = temporaryFolder(t);
  await drop(held.page, '.zone', [folder.add('base', { 'model.safetensors': safetensors(attentionLayer(), 'BF16') })]);
  await drop(held.page, '.tuned .zone', [folder.add('step-4', { 'delta.safetensors': trlDelta(Q, [0, 5, 700], [1, -1, 0.5], 4) })]);
  await held.page.waitForSelector('#run', { visible: true });
  assert.ok((await texts('table.plain tbody th')).includes('step-4delta'));
  const report = JSON.parse(await held.page.evaluate(() => window.gatescope.run({ k: 4, alphas: [0.3] })));
  await held.page.waitForSelector('.tensors tbody tr', { visible: true });
  assert.equal(report.runs[0].tensors.find(({ name }) => name === Q).precision.unchanged, 1021);
  assert.match((await texts('#delta-note'))[0], /^A sparse delta \(trl, up to version 4\) that lists 3 weights\. /);
  assert.match((await texts('#span-note'))[0], /^One step of a run/);
  assert.match((await texts('.conditions'))[0], / · one step of a run$/);
  assert.equal(await held.page.$('#summary svg'), null);
});

test('nothing was logged, nothing failed, nothing went to another origin', () => assert.deepEqual(held.problems, []));
