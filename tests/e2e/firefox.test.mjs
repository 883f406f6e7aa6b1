// The page in Firefox as it comes, which has no WebGPU: the sample on the CPU, a reload, a quiet
// console.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { computeSample, openPage, openTab } from './harness.mjs';

const RUN_MS = 180_000;
let opened;

before(async () => {
  opened = await openPage({ firefox: true });
});
after(() => opened?.close());

const run = async () => {
  await computeSample(opened.page);
  await opened.page.waitForSelector('#results-title', { visible: true, timeout: RUN_MS });
  // The address may lead to another tab.
  await openTab(opened.page, 'tensors');
  await opened.page.waitForSelector('.tensor-grid .row', { visible: true, timeout: RUN_MS });
};
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));

test('the sample runs on the CPU', { timeout: RUN_MS }, async () => {
  assert.match(await opened.browser.version(), /firefox/i);
  await run();
  assert.deepEqual(await texts('.chip-name'), ['rlvr-1', 'rlvr-2', 'sft']);
  assert.equal(
    await opened.page.$eval('.tensor-grid', (grid) => grid.getAttribute('aria-rowcount')),
    String(1 + 75),
  );
  assert.equal((await opened.page.$$('.tensor-grid .failed')).length, 0);
  await openTab(opened.page, 'precision');
  assert.equal((await texts('.by-run td'))[0], '37.5\u00a0%');
  await openTab(opened.page, 'method');
  assert.match(
    (await texts('.tab-panel')).join(' '),
    /CPU, \d workers?.*in this browser there is no WebGPU adapter/i,
  );
});

test('after a reload nothing is computed twice', { timeout: RUN_MS }, async () => {
  await opened.restart();
  await run();
  const kept = await opened.page.$$eval('.kept', (all) =>
    all.filter((element) => element.offsetParent).map((element) => element.textContent),
  );
  assert.match(kept[0], /^75 of 75 tensors were kept/);
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
