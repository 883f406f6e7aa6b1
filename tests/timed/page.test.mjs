// The page from its first screen to its last download, on the sample, as a person would use it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { computeSample, openDetail, openPage, openTab } from '../e2e/harness.mjs';
import { mainThreadTasks } from '../e2e/trace.mjs';

const RUN_MS = 180_000;
let opened;
let folder;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-page-'));
  opened = await openPage({
    // A click aims at where an element is: smooth scrolling would move it away meanwhile.
    before: (page) =>
      page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
  });
  const session = await opened.page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
});

after(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));

/** The file that a click leaves, once it is whole. */
async function downloaded(selector, name) {
  // It stands in a menu.
  await opened.page.$eval(selector, (button) => button.click());
  for (let i = 0; i < 100; i += 1) {
    if (readdirSync(folder).includes(name)) return readFileSync(path.join(folder, name), 'utf8');
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error(`${name} was not downloaded`);
}

test('the first screen offers a target, rows, the sample and a report', async () => {
  assert.deepEqual(await texts('.zone h3'), [
    'Base checkpoint',
    'Tuned checkpoint',
    'Importance weights',
  ]);
  assert.ok(
    (await opened.page.$('#base-input')) &&
      (await opened.page.$('#tuned-input-1')) &&
      (await opened.page.$('#report-input')),
  );
  await opened.page.click('#add-tuned');
  assert.equal((await texts('.zone h3')).length, 4);
});

test(
  'the sample runs to a report, and no task of the page takes 100 ms',
  { timeout: RUN_MS },
  async () => {
    await opened.page.evaluate(() => {
      window.states = [];
      window.gatescopeProgress = (state) => window.states.push(state);
    });
    const tasks = await mainThreadTasks(opened.page, async () => {
      await computeSample(opened.page);
      // The table is the last thing that is drawn.
      await opened.page.waitForSelector('.tensor-grid .row', { visible: true, timeout: RUN_MS });
    });
    // Tasks, and some that worked: a trace without figures would prove nothing.
    assert.ok(
      tasks.length > 100 && Math.max(...tasks) > 1,
      `${tasks.length} tasks were traced, the longest of ${Math.max(...tasks)} ms`,
    );
    assert.ok(Math.max(...tasks) < 100, `the longest task took ${Math.max(...tasks)} ms`);
    const states = await opened.page.evaluate(() => window.states);
    const { done, total, fraction, bytes_per_second: rate } = states.at(-1);
    assert.deepEqual([done, fraction], [total, 1]);
    assert.ok(rate > 0 && states.some((state) => state.seconds_left > 0));
  },
);

test('three runs: a click on a chip brings one into focus, its mark hides it', async () => {
  assert.deepEqual(await texts('.chip-name'), ['rlvr-1', 'rlvr-2', 'sft']);
  await openTab(opened.page, 'precision');
  assert.match((await texts('.by-run'))[0], /published whole runs/);
  const first = await texts('.by-run .terms');
  assert.match(first.join(), /^rlvr-1: whole model · /);
  await opened.page.click('#run-chip-2');
  assert.notDeepEqual(await texts('.by-run .terms'), first);
  assert.match(await opened.page.title(), /^base → rlvr-1, rlvr-2 and sft · /);
  // Hidden, it gives the focus to the first that is shown.
  await opened.page.click('#run-show-2');
  assert.equal(
    await opened.page.$eval('#run-chip-0', (chip) => chip.getAttribute('aria-pressed')),
    'true',
  );
  assert.equal(
    await opened.page.$eval('#run-show-2', (mark) => mark.getAttribute('aria-pressed')),
    'false',
  );
  assert.match(await opened.page.evaluate(() => location.hash), /hidden=sft/);
  assert.deepEqual(await texts('.by-run .terms'), first);
  // Alt and a click: alone, and all again.
  const alone = () =>
    opened.page.$$eval('.chip-mark', (all) =>
      all.map((mark) => mark.getAttribute('aria-pressed')).join(),
    );
  await opened.page.keyboard.down('Alt');
  await opened.page.click('#run-chip-1');
  assert.equal(await alone(), 'false,true,false');
  await opened.page.click('#run-chip-1');
  await opened.page.keyboard.up('Alt');
  assert.equal(await alone(), 'true,true,true');
  await opened.page.click('#run-chip-0');
  await openTab(opened.page, 'tensors');
});

test('the heatmap shows every metric and opens a tensor, which stays beside it', async () => {
  const metrics = await opened.page.$$eval('#metric option', (all) =>
    all.map(({ value }) => value),
  );
  for (const metric of metrics) {
    await opened.page.select('#metric', metric);
    await opened.page.waitForSelector('#heatmap [role=gridcell]');
    assert.ok((await opened.page.$$('#heatmap [role=gridcell]')).length >= 42, metric);
  }
  await opened.page.select('#metric', 'off_principal_share');
  const scrolled = await opened.page.evaluate(() => scrollY);
  await opened.page.$eval('#heatmap [aria-label^="layer 3, v:"]', (cell) =>
    cell.dispatchEvent(new MouseEvent('click', { bubbles: true })),
  );
  await opened.page.waitForSelector('#detail-title', { visible: true });
  assert.equal(
    await opened.page.$eval('#detail-title', (title) => title.textContent),
    'model.layers.3.self_attn.v_proj.weight',
  );
  assert.equal(await opened.page.evaluate(() => scrollY), scrolled, 'a click scrolls nothing');
  // In each tab what it is called by; the sample's config.json tells the heads.
  for (const [tab, charts] of [
    ['overview', 3],
    ['location', 4],
    ['rotation', 2],
    ['precision', 4],
    ['heads', 3],
  ]) {
    await openDetail(opened.page, tab);
    assert.ok((await opened.page.$$('#detail figure svg')).length >= charts, tab);
  }
  await openDetail(opened.page, 'overview');
  assert.equal((await texts('#detail .headlines .ratio')).length, 4);
  assert.match((await texts('#detail .headlines'))[0], /× random/);
});

test('Enter on a cell leads into the drawer, Escape back to the cell', async () => {
  await opened.page.$eval('#heatmap [aria-current]', (cell) => cell.focus());
  await opened.page.keyboard.press('ArrowRight');
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForFunction(
    () =>
      document.activeElement?.id === 'detail-title' &&
      /layers\.4\./.test(document.activeElement.textContent),
  );
  await opened.page.keyboard.press('Escape');
  await opened.page.waitForFunction(
    () =>
      !document.querySelector('#detail-title') &&
      document.activeElement?.closest('[data-panel=heatmap]'),
  );
});

test('Back and Forward lead through what was chosen, and to the inputs and back', async () => {
  const { page } = opened;
  await page.click('#run-chip-1');
  await openTab(page, 'method');
  assert.ok((await texts('.sources a')).length >= 2);
  await page.goBack();
  await page.waitForSelector('#tab-tensors[aria-selected=true]');
  await page.goBack();
  await page.waitForSelector('#run-chip-0[aria-pressed=true]');
  await page.click('#new');
  await page.waitForSelector('#back', { visible: true });
  assert.equal(await page.evaluate(() => location.hash), '');
  await page.goBack();
  await page.waitForSelector('#results-title', { visible: true });
  await page.goForward();
  await page.waitForSelector('#back', { visible: true });
  await page.click('#back');
  await page.waitForSelector('#results-title', { visible: true });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'results-title');
});

test('the theme is switched, and remembered', async () => {
  const { page } = opened;
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.click('#theme');
  assert.equal(await scheme(), 'light');
  await page.click('#theme');
  assert.equal(await scheme(), 'dark');
  assert.equal(await page.evaluate(() => localStorage.getItem('gatescope-theme')), 'dark');
  await page.click('#theme');
  assert.equal(await scheme(), 'light dark');
});

test('the table sorts and filters', async () => {
  await opened.page.click('[data-column=sparsity_bf16]');
  await opened.page.waitForSelector('[aria-sort=descending] [data-column=sparsity_bf16]');
  const shares = await opened.page.$eval('.tensor-grid', (grid) => {
    const heads = [...grid.querySelectorAll('[data-column]')].map(({ dataset }) => dataset.column);
    const at = heads.indexOf('sparsity_bf16');
    return [...grid.querySelectorAll('.row')].map((row) =>
      parseFloat(row.children[at].textContent),
    );
  });
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => b - a),
  );
  assert.equal(
    await opened.page.$eval('[aria-sort=descending]', (head) => head.textContent),
    'Unchanged in bf16',
  );
  await opened.page.type('#filter', 'q_proj.weight layer:1-2');
  await opened.page.waitForFunction(
    () => document.querySelectorAll('.tensor-grid .row').length === 2,
  );
});

test('report.json and CSV download; the report shows again when opened or dropped', async () => {
  const text = await downloaded('#download-report', 'gatescope-base-rlvr-1-rlvr-2-sft.json');
  const report = JSON.parse(text);
  assert.equal(report.format, 'gatescope-report');
  assert.deepEqual(
    [report.settings.k, report.runs.length, report.runs[0].tensors.length],
    [16, 3, 75],
  );
  const csv = await downloaded('#download-csv', 'gatescope-base-rlvr-1-rlvr-2-sft.csv');
  assert.equal(csv.trim().split('\r\n').length, 1 + 3 * 75);

  await openTab(opened.page, 'precision');
  const figures = await texts('.by-run td');
  assert.ok(figures.length >= 6);
  writeFileSync(path.join(folder, 'again.json'), text);
  // What is shown is opened again where the browser keeps it, at the same tab.
  await opened.page.reload();
  await opened.page.waitForSelector('.by-run td', { visible: true });
  assert.deepEqual(await texts('.by-run td'), figures);

  await opened.restart();
  await opened.page.evaluate((content) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([content], 'report.json', { type: 'application/json' }));
    document.body.dispatchEvent(
      new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }),
    );
  }, text);
  await openTab(opened.page, 'precision');
  await opened.page.waitForSelector('.by-run td', { visible: true });
  assert.deepEqual(await texts('.by-run td'), figures);
});

test('a cancelled run keeps what is finished', { timeout: RUN_MS }, async () => {
  await opened.restart();
  await computeSample(opened.page);
  // The first run's tensors were kept: the report is there at once.
  await (
    await opened.page.waitForSelector('.run-notes .start-over', { visible: true, timeout: RUN_MS })
  ).click();
  await opened.page.waitForSelector('#cancel', { visible: true });
  await opened.page.waitForFunction(
    () => Number(/(\d+) of/.exec(document.querySelector('.progress-line').textContent)?.[1]) > 0,
    { timeout: RUN_MS },
  );
  await opened.page.click('#cancel');
  await opened.page.waitForSelector('.notices .problem', { visible: true, timeout: RUN_MS });
  assert.match((await texts('.notices .problem'))[0], /Cancelled: \d+ of 75 tensors were finished/);
});

test('a file that is not a report is refused in one line', async () => {
  await opened.restart();
  const file = path.join(folder, 'other.json');
  writeFileSync(file, '{"a": 1}');
  await (await opened.page.$('#report-input')).uploadFile(file);
  await opened.page.waitForSelector('#problem', { visible: true });
  assert.equal(
    (await texts('#problem'))[0],
    'other.json: This JSON file is not a Gatescope report.',
  );
});

test('at 390 pixels the body does not scroll sideways', async () => {
  await opened.page.setViewport({ width: 390, height: 844 });
  await (await opened.page.$('#report-input')).uploadFile(path.join(folder, 'again.json'));
  await opened.page.waitForSelector('#results-title', { visible: true });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('nothing was logged, nothing failed, nothing went to another origin', () => {
  assert.deepEqual(opened.problems, []);
});
