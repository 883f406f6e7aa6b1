// axe finds nothing in a result: wide and narrow, light and dark, each tab, and the drawer with
// each of its own.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import {
  dropReport,
  fromRoot,
  openDetail,
  openPage,
  openTab,
  openTensor,
  sampleLayer,
} from '../e2e/harness.mjs';

const RUN_MS = 180_000;
const Q = 'model.layers.0.self_attn.q_proj.weight';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let opened;

before(
  async () => {
    opened = await openPage();
    const sample = fromRoot('samples', 'report.json');
    if (existsSync(sample)) await dropReport(opened.page, JSON.parse(readFileSync(sample, 'utf8')));
    else await sampleLayer(opened.page);
    await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
    // Not by a script element, which the page's policy would refuse.
    await opened.page.evaluate(axe);
  },
  { timeout: RUN_MS },
);
after(() => opened?.close());

/** What axe finds, a line each. */
const violations = () =>
  opened.page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
  });

/** The drawer with a tensor that has everything, by its row in the table. */
async function openQ() {
  await openTensor(opened.page, Q);
  await opened.page.waitForSelector('#detail-title', { visible: true });
}

const idsOf = (selector, prefix) =>
  opened.page.$$eval(
    `${selector} [role=tab]`,
    (all, begin) => all.map(({ id }) => id.slice(begin.length)),
    prefix,
  );

for (const width of [1440, 390])
  for (const scheme of ['light', 'dark'])
    test(`${width} pixels, ${scheme}`, { timeout: RUN_MS }, async () => {
      await opened.page.setViewport({ width, height: 900 });
      await opened.page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: scheme },
        { name: 'prefers-reduced-motion', value: 'reduce' },
      ]);
      for (const tab of await idsOf('.tabbed', 'tab-')) {
        await openTab(opened.page, tab);
        assert.deepEqual(await violations(), [], tab);
      }
      await openQ();
      for (const tab of await idsOf('#detail', 'detail-')) {
        await openDetail(opened.page, tab);
        assert.deepEqual(await violations(), [], `the drawer, ${tab}`);
      }
      await opened.page.click('#close-detail');
    });

test('a violation would be found', async () => {
  await opened.page.evaluate(() => {
    const image = Object.assign(document.createElement('img'), { src: 'data:,' });
    document.querySelector('.result-body').append(image);
  });
  assert.match((await violations()).join('\n'), /^image-alt: /);
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
