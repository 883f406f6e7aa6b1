// The page from its first screen to its last download, on the sample, as a person would use it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { computeSample, openPage } from './harness.mjs';
import { mainThreadTasks } from './trace.mjs';

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
  await opened.page.click(selector);
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
      await opened.page.waitForSelector('.tensors tbody tr', { visible: true, timeout: RUN_MS });
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

test('three runs, each with its figures beside chance or reported ranges', async () => {
  assert.deepEqual(await texts('[role=tab]'), ['rlvr-1', 'rlvr-2', 'sft']);
  for (const card of await texts('#summary .card'))
    assert.match(card, /chance level|reported|bounds its NSS/);
  const first = await texts('#summary .figure');
  await opened.page.click('#run-tab-2');
  assert.notDeepEqual(await texts('#summary .figure'), first);
  await opened.page.click('#run-tab-0');
});

test('the heatmap shows every metric and opens a tensor', async () => {
  const metrics = await opened.page.$$eval('#metric option', (all) =>
    all.map(({ value }) => value),
  );
  for (const metric of metrics) {
    await opened.page.select('#metric', metric);
    await opened.page.waitForSelector('#heatmap [role=button]');
    assert.ok((await opened.page.$$('#heatmap [role=button]')).length >= 75, metric);
  }
  await opened.page.select('#metric', 'off_principal_share');
  await opened.page.$eval('#heatmap [aria-label^="layer 3, v_proj:"]', (cell) =>
    cell.dispatchEvent(new MouseEvent('click', { bubbles: true })),
  );
  assert.equal(
    await opened.page.$eval('#detail-title', (title) => title.textContent),
    'model.layers.3.self_attn.v_proj.weight',
  );
  assert.ok((await opened.page.$$('#detail figure svg')).length >= 9);
  // The sample's config.json tells the heads.
  await opened.page.waitForSelector('#detail section[aria-label="Attention heads"] svg', {
    timeout: 5000,
  });
  await opened.page.$eval('#heatmap [aria-current]', (cell) => cell.focus());
  await opened.page.keyboard.press('ArrowRight');
  await opened.page.keyboard.press('Enter');
  assert.match(
    await opened.page.$eval('#detail-title', (title) => title.textContent),
    /layers\.4\./,
  );
});

test('the table sorts and filters', async () => {
  const column = (name) =>
    opened.page.$$eval(
      '.tensors tbody tr',
      (rows, at) => rows.map((row) => row.children[at].textContent),
      name,
    );
  await opened.page.click('[data-column=sparsity_bf16]');
  const shares = (await column(3)).map(parseFloat);
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => b - a),
  );
  assert.equal(
    await opened.page.$eval('[aria-sort=descending]', (head) => head.textContent),
    'Unchanged in bf16 ↓',
  );
  await opened.page.type('#filter', 'q_proj.weight layer:1-2');
  assert.equal((await column(0)).length, 2);
});

test('report.json and CSV download; the report shows again when opened or dropped', async () => {
  const text = await downloaded('#download-report', 'report.json');
  const report = JSON.parse(text);
  assert.equal(report.format, 'gatescope-report');
  assert.deepEqual(
    [report.settings.k, report.runs.length, report.runs[0].tensors.length],
    [16, 3, 75],
  );
  const csv = await downloaded('#download-csv', 'gatescope-report.csv');
  assert.equal(csv.trim().split('\r\n').length, 1 + 3 * 75);

  const figures = await texts('#summary .figure');
  await opened.page.reload();
  const file = path.join(folder, 'again.json');
  writeFileSync(file, text);
  await (await opened.page.$('#report-input')).uploadFile(file);
  await opened.page.waitForSelector('#summary .card', { visible: true });
  assert.deepEqual(await texts('#summary .figure'), figures);

  await opened.page.reload();
  await opened.page.evaluate((content) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([content], 'report.json', { type: 'application/json' }));
    document.body.dispatchEvent(
      new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }),
    );
  }, text);
  await opened.page.waitForSelector('#summary .card', { visible: true });
  assert.deepEqual(await texts('#summary .figure'), figures);
});

test('a cancelled run keeps what is finished', { timeout: RUN_MS }, async () => {
  await opened.page.reload();
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
  await opened.page.waitForSelector('#summary .card', { visible: true, timeout: RUN_MS });
  assert.match((await texts('.results .problem'))[0], /Cancelled: \d+ of 75 tensors were finished/);
});

test('a file that is not a report is refused in one line', async () => {
  await opened.page.reload();
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
  await (await opened.page.$('#report-input')).uploadFile(path.join(folder, 'report.json'));
  await opened.page.waitForSelector('#summary .card', { visible: true });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('nothing was logged, nothing failed, nothing went to another origin', () => {
  assert.deepEqual(opened.problems, []);
});
