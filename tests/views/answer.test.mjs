// The panels of the answer, from their sources, in a document with nothing else: what they show,
// what a click, a key and a tip do, and that names are text.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { fromRoot } from '../../scripts/lib/root.mjs';
import { watch } from '../e2e/harness.mjs';

const HOSTILE = '<img src=x onerror="window.broken = true"> & co';
const STYLES = ['theme', 'panels/parts', 'panels/summary', 'panels/dots', 'panels/energy'];

const BLANK =
  '<!doctype html><html lang="en"><title>Panels</title><link rel="icon" href="data:,">' +
  '<body style="margin: 0"><main></main>';
const TYPES = { '.js': 'text/javascript', '.json': 'application/json', '.css': 'text/css' };

/** Sources of the page as they are, and a document without anything. */
const server = http.createServer(({ url }, response) => {
  const file = fromRoot(...url.slice(1).split('/'));
  const type = TYPES[path.extname(url)];
  if (url !== '/' && !(type && existsSync(file))) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': type ?? 'text/html' });
  return response.end(url === '/' ? BLANK : readFileSync(file));
});
let browser, origin;
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launchChromium({ webgpu: false });
});
after(async () => {
  await browser?.close();
  server.close();
});

/** A document with some panels of a report; what is chosen in them stands in `window.choices`. */
async function openPanels(names, { width = 640, view = {}, edit = () => {} } = {}) {
  const report = JSON.parse(readFileSync(fromRoot('tests', 'unit', 'small-report.json'), 'utf8'));
  edit(report);
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  const problems = watch(page, origin);
  await page.goto(origin);
  await page.evaluate(
    async ({ names: wanted, report: shown, view: set, styles, width: wide }) => {
      for (const style of styles) {
        const text = await (await fetch(`/www/styles/${style}.css`)).text();
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        document.adoptedStyleSheets.push(sheet);
      }
      const { PANELS } = await import('/www/panels/index.js');
      const { loadRest } = await import('/www/panels/rest.js');
      await Promise.all([import('/www/report/filter-lists.js'), ...wanted.map(loadRest)]);
      window.choices = [];
      const state = {
        report: shown,
        runs: shown.runs.map((_, i) => i),
        run: 0,
        alpha: 0,
        metric: 'nss',
        tensor: null,
        arrangement: 'one',
        filter: '',
        width: wide,
        ...set,
      };
      for (const name of wanted)
        document
          .querySelector('main')
          .append((await PANELS[name]())(state, (patch) => window.choices.push(patch)));
    },
    { names, report, view, styles: STYLES, width },
  );
  return { page, problems };
}

const textOf = (page, selector) =>
  page.$eval(selector, (element) => element.textContent.replaceAll('\u00a0', ' '));
const choices = (page) => page.evaluate(() => window.choices);

test('the sentence leads to what its values are of', async () => {
  const { page, problems } = await openPanels(['summary']);
  assert.match(
    await textOf(page, '.answer-text'),
    /^In small, 66 % of weights differ in bf16; the relative update is 5\.1 %\. Against published/,
  );
  for (const button of await page.$$('.answer-value')) await button.click();
  const [first, second] = await choices(page);
  assert.deepEqual([first, second], [{ metric: 'sparsity_bf16' }, { metric: 'relative_update' }]);
  // Each metric stands with its place and a link to its source.
  await page.click('.answer summary');
  assert.equal((await page.$$('.answer-table tbody tr')).length, 6);
  assert.match(
    await page.$eval('.answer-table a', ({ href }) => href),
    /^https:\/\/arxiv\.org\/abs\//,
  );
  assert.deepEqual(problems, []);
});

test('a row of dots chooses its metric; arrows move, keys open and close the tip', async () => {
  const { page, problems } = await openPanels(['dots']);
  const stops = await page.$$eval('.dots-row', (rows) => rows.map(({ tabIndex }) => tabIndex));
  assert.deepEqual([stops.length, stops.filter((stop) => stop === 0).length], [10, 1]);
  await page.$eval('[data-key="dots nss"]', (row) => row.focus());
  await page.keyboard.press('ArrowDown');
  assert.match(await textOf(page, '.chart-tip'), /^Median rotation.*A .*× random.*B .*× random/s);
  await page.keyboard.press('Escape');
  assert.equal(await page.$('.chart-tip:not([hidden])'), null);
  await page.keyboard.press('Enter');
  await page.click('[data-key="dots low_overlap"] .dots-label');
  assert.deepEqual(await choices(page), [{ metric: 'rotation_median' }, { metric: 'low_overlap' }]);
  assert.equal(
    await page.$eval('[aria-pressed="true"]', (row) => row.getAttribute('data-key')),
    'dots nss',
  );
  assert.deepEqual(problems, []);
});

test('a layer and a kind of module filter, and choosing them again takes it back', async () => {
  const { page } = await openPanels(['energy'], { view: { filter: 'layer:1' } });
  for (const key of ['layer:0', 'layer:1', 'module:q'])
    await page.$eval(`[data-key="energy ${key}"]`, (part) =>
      part.dispatchEvent(new MouseEvent('click')),
    );
  assert.deepEqual(await choices(page), [
    { filter: 'layer:0' },
    { filter: '' },
    { filter: 'layer:1 module:q' },
  ]);
});

test('hidden runs are left out everywhere', async () => {
  const { page } = await openPanels(['summary', 'dots', 'energy'], { view: { runs: [1], run: 1 } });
  const text = await textOf(page, 'main');
  assert.match(text, /\blarge\b/);
  assert.doesNotMatch(text, /\bsmall\b/);
  const letters = await page.$$eval('.dot-letter', (all) => all.map((one) => one.textContent));
  assert.deepEqual([...new Set(letters)], ['B']);
});

test('published ranges stand beside whole models alone', async () => {
  const at64 = (report) => (report.settings.k = 64);
  const whole = await openPanels(['dots'], { edit: at64 });
  assert.ok((await whole.page.$$('.published-bar, .published-tick')).length >= 9);
  // A number is a tick, and what counts as about it is another thing, which the legend calls ours.
  assert.equal((await whole.page.$$('.published-tick')).length, 3);
  assert.equal((await whole.page.$$('.published-about')).length, 4);
  assert.match(await textOf(whole.page, '.dots-note'), /dashed: within ×3 or ±5 points .*\(ours\)/);
  const ends = await whole.page.$$eval('.published-end', (all) =>
    all.map(({ textContent }) => textContent),
  );
  assert.ok(ends.includes('0.01°') && ends.includes('90°'), String(ends));
  for (const [options, line] of [
    [{ view: { filter: 'layer:0' } }, /not shown beside filtered tensors/],
    [{ edit: (report) => (report.settings.comparison = 'steps') }, /nothing of single steps/],
    [{ edit: (report) => (report.settings.layers = '0-1') }, /nothing of a part of one/],
  ]) {
    const { page } = await openPanels(['dots'], options);
    assert.equal((await page.$$('.published-bar, .published-tick')).length, 0);
    assert.match(await textOf(page, '.dots'), line);
  }
});

test('what was published at another k stands beside no value, and a note says so', async () => {
  const { page } = await openPanels(['dots']);
  assert.match(
    await textOf(page, '.dots'),
    /Not set beside published values: Largest rotation and Principal mask \(published at k = 64\)/,
  );
  const ends = await page.$$eval('.published-end', (all) => all.map((one) => one.textContent));
  assert.ok(ends.length && !ends.includes('90°'), String(ends));
});

test('every run has its value where there is no ratio, in its colour', async () => {
  const { page } = await openPanels(['dots']);
  const values = await page.$$eval('.dots-value', (all) =>
    all.map((one) => [one.textContent.replaceAll('\u00a0', ' '), one.getAttribute('fill')]),
  );
  assert.deepEqual(
    values.map(([, fill]) => fill),
    ['var(--run-1)', 'var(--run-2)', 'var(--run-1)', 'var(--run-2)'],
  );
  assert.ok(values.every(([text]) => /^[\d.]+ %$/.test(text)));
  // Of many runs they stand on several lines, none beyond the chart nor below its end.
  const many = await openPanels(['dots'], {
    width: 390,
    edit: (report) => (report.runs = Array.from({ length: 8 }, (_, i) => report.runs[i % 2])),
  });
  const outside = await many.page.$$eval('.dots-value', (all) => {
    const chart = all[0].ownerSVGElement.getBoundingClientRect();
    const boxes = all.map((one) => one.getBoundingClientRect());
    return boxes.filter(({ right, bottom }) => right > chart.right || bottom > chart.bottom).length;
  });
  assert.equal(outside, 0);
  assert.equal((await many.page.$$('.dots-value')).length, 16);
});

test('names are text, and nothing is wider than a phone', async () => {
  const { page, problems } = await openPanels(['summary', 'dots', 'energy'], {
    width: 390,
    edit: ({ runs }) => {
      for (const { checkpoint, tensors } of runs) {
        checkpoint.name = HOSTILE;
        tensors[0].name = HOSTILE;
      }
    },
  });
  await page.evaluate(() =>
    document.querySelectorAll('details').forEach((one) => (one.open = true)),
  );
  await page.hover('[data-key="dots nss"]');
  assert.equal(await page.$('main img'), null);
  assert.equal(await page.evaluate(() => 'broken' in window), false);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  // No text is below 12 px.
  const small = await page.$$eval('main *', (all) =>
    all
      .filter(
        (one) =>
          [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
          parseFloat(getComputedStyle(one).fontSize) < 12,
      )
      .map((one) => one.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(small, []);
  assert.deepEqual(problems, []);
});

test('without a base, and without any change, the panels say so and draw nothing', async () => {
  const panels = ['summary', 'dots', 'energy'];
  const bare = await openPanels(panels, { edit: (report) => (report.base = null) });
  assert.match(await textOf(bare.page, '.dots'), /takes the base/);
  assert.match(await textOf(bare.page, '.energy'), /takes the base/);
  assert.equal(await bare.page.$('svg'), null);
  const same = await openPanels(panels, {
    edit: ({ runs }) => {
      for (const { model, tensors } of runs) {
        model.bit_equal = model.parameters;
        for (const { update } of tensors) update.frobenius_update = 0;
      }
    },
  });
  assert.equal(
    await textOf(same.page, '.answer-text'),
    'All are identical to the base: no weight differs.',
  );
  assert.match(await textOf(same.page, '.dots h3'), /^No weight differs$/);
  assert.match(await textOf(same.page, '.energy h3'), /^No weight moved$/);
  assert.equal(await same.page.$('svg'), null);
});
