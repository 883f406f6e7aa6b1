// The heatmap by pointer, keyboard and touch: one tip, one tab stop, experts on a click.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dropReport, openPage, sampleLayer } from '../e2e/harness.mjs';

const RUN_MS = 180_000;
const EXPERTS = 4;
let opened;
let sample;

before(
  async () => {
    opened = await openPage({
      before: (page) =>
        page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
    });
    sample = await sampleLayer(opened.page, { exact_limit: 512 });
  },
  { timeout: RUN_MS },
);
after(() => opened?.close());

/** The tensors of a layer, at another one; a projection of its MLP may become one of experts. */
const moved = (tensors, layer, experts) =>
  tensors.flatMap((tensor) => {
    const name = tensor.name.replace('layers.0.', `layers.${layer}.`);
    if (!experts || !name.includes('.up_proj.')) return [{ ...tensor, name, layer }];
    return Array.from({ length: experts }, (_, expert) => ({
      ...tensor,
      name: name.replace('mlp.', `mlp.experts.${expert}.`),
      layer,
      module: 'expert',
    }));
  });

/** A report of so many layers, with only what the heatmap reads where there are many. */
async function show({ layers, experts = 0, slim = false }) {
  const [run] = sample.runs;
  const inLayer = run.tensors
    .filter(({ layer }) => layer === 0)
    .filter(({ name }) => !slim || name.includes('.up_proj.') || name.includes('.q_proj.weight'))
    .map((tensor) =>
      slim && tensor.geometry
        ? { ...tensor, maps: null, heads: null, geometry: { ...tensor.geometry, sweep: [] } }
        : tensor,
    );
  const tensors = Array.from({ length: layers }, (_, layer) =>
    moved(inLayer, layer, experts),
  ).flat();
  const report = { ...sample, runs: [{ ...run, tensors }], overlaps: [] };
  // The heatmap of the report before looks alike.
  await opened.page.$$eval('.heat-panel', (all) =>
    all.forEach((panel) => panel.setAttribute('data-before', '')),
  );
  await dropReport(opened.page, report);
  await opened.page.waitForFunction(
    (last) =>
      document.querySelector(
        `.heat-panel:not([data-before]) #heatmap [aria-label^="layer ${last}, q:"]`,
      ),
    {},
    layers - 1,
  );
  await opened.page.select('#metric', 'off_principal_share');
}

const tip = () =>
  opened.page.$$eval('.heat-panel .tip:not([hidden])', (all) =>
    all.map((element) => [...element.children].map(({ textContent }) => textContent)),
  );
const focused = () =>
  opened.page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? '');
const cell = (start) => `#heatmap [aria-label^="${start}:"]`;
const focus = (selector) =>
  opened.page.$eval(selector, (element) => element.focus({ focusVisible: true }));

test('pointing at a cell gives its value, random level and ratio in one tip', async () => {
  await show({ layers: 3 });
  await opened.page.$eval(cell('layer 1, q'), (element) =>
    element.scrollIntoView({ block: 'center' }),
  );
  await opened.page.hover(cell('layer 1, q'));
  const [[name, value, random, ratio, sure]] = await tip();
  assert.equal(name, 'layer 1, q');
  assert.match(value, /^\d.*%/);
  assert.match(random, /^random update of the same size: .*%/);
  assert.match(ratio, /^\d.*× random$/);
  assert.equal(sure, 'exact');
  await opened.page.mouse.move(1, 1);
  assert.deepEqual(await tip(), []);
});

test('arrows move one tab stop from cell to cell, and Enter opens', async () => {
  await focus(cell('layer 0, q'));
  const ways = [];
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'Home']) {
    await opened.page.keyboard.press(key);
    ways.push((await focused()).split(':')[0]);
  }
  assert.deepEqual(ways, ['layer 1, q', 'layer 2, q', 'layer 2, q', 'layer 2, k', 'layer 0, k']);
  assert.equal((await opened.page.$$('#heatmap [tabindex="0"]')).length, 1);
  assert.equal((await tip())[0][0], 'layer 0, k');
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForSelector(`${cell('layer 0, k')}[aria-current]`);
});

test('a cell of experts filters to them and opens layer × expert', async () => {
  await show({ layers: 2, experts: EXPERTS });
  await opened.page.$eval(cell('layer 1, experts.up'), (element) =>
    element.dispatchEvent(new MouseEvent('click', { bubbles: true })),
  );
  const expert = '.heat-panel [aria-label^="layer 1, experts.up, expert 3:"]';
  await opened.page.waitForSelector(expert);
  assert.equal(
    (await opened.page.$$('.heat-panel [aria-label*="experts.up, expert"]')).length,
    2 * EXPERTS,
  );
  assert.ok(await opened.page.$(`${cell('layer 0, experts.up')}.faded`));
  assert.equal(await opened.page.$(`${cell('layer 1, experts.up')}.faded`), null);
  await opened.page.click('.heat-panel [data-key="clear filter"]');
  await opened.page.waitForFunction((selector) => !document.querySelector(selector), {}, expert);
});

test('thousands of cells are a few elements, and still walked by keyboard', async () => {
  await show({ layers: 20, experts: 128, slim: true });
  await opened.page.$eval(cell('layer 1, experts.up'), (element) =>
    element.dispatchEvent(new MouseEvent('click', { bubbles: true })),
  );
  const cursor = '.heat-panel .heat-cursor [role=gridcell]';
  await opened.page.waitForSelector(cursor);
  assert.ok((await opened.page.$$('.heat-panel *')).length < 1000);
  await focus(cursor);
  await opened.page.keyboard.press('ArrowRight');
  await opened.page.keyboard.press('ArrowDown');
  assert.match(await focused(), /^layer 1, experts\.up, expert 1: /);
});

test('on a phone layers run down; a first tap tells, a second one opens', async () => {
  await opened.page.setViewport({ width: 390, height: 800, hasTouch: true, isMobile: true });
  await show({ layers: 3 });
  const own = cell('layer 2, v');
  const tops = await opened.page.$$eval('#heatmap [role=row]', (all) => all.length);
  assert.equal(tops, 3);
  await (await opened.page.$(own)).tap();
  assert.equal((await tip())[0]?.[0], 'layer 2, v');
  assert.equal(await opened.page.$(`${own}[aria-current]`), null);
  await (await opened.page.$(own)).tap();
  await opened.page.waitForSelector(`${own}[aria-current]`);
});
