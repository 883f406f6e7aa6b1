// The page in Firefox as it comes, which has no WebGPU: the sample on the CPU, a reload, a quiet
// console.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { computeSample, openPage } from './harness.mjs';

const RUN_MS = 60_000;
let opened;

before(async () => {
  opened = await openPage({ firefox: true });
});
after(() => opened?.close());

const run = async () => {
  await computeSample(opened.page);
  // The table is the last thing that is drawn.
  await opened.page.waitForSelector('.tensors tbody tr', { visible: true, timeout: RUN_MS });
};
const seen = () =>
  opened.page.evaluate(() => ({
    tabs: [...document.querySelectorAll('[role=tab]')].map((tab) => tab.textContent),
    rows: document.querySelectorAll('.tensors tbody tr').length,
    failed: document.querySelectorAll('.tensors tr.failed').length,
    figures: [...document.querySelectorAll('#summary .figure')].map(
      (element) => element.textContent,
    ),
    conditions: document.querySelector('.conditions + .conditions')?.textContent,
    kept:
      [...document.querySelectorAll('.kept')].find((element) => element.offsetParent)
        ?.textContent ?? '',
  }));

test('the sample runs on the CPU', { timeout: RUN_MS }, async () => {
  assert.match(await opened.browser.version(), /firefox/i);
  await run();
  const { tabs, rows, failed, figures, conditions } = await seen();
  assert.deepEqual([tabs, rows, failed], [['rlvr-1', 'rlvr-2', 'sft'], 75, 0]);
  assert.equal(figures[0], '37.5\u00a0%');
  assert.match(conditions, /by CPU, \d workers?: this browser offers no WebGPU adapter/);
});

test('after a reload nothing is computed twice', { timeout: RUN_MS }, async () => {
  await opened.page.reload();
  await run();
  assert.match((await seen()).kept, /^75 of 75 tensors were kept/);
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
