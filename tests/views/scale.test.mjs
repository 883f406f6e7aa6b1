// A report of many tensors: the page never holds it whole, and never draws more than a hundred
// rows. Times are measured by probe-scale.mjs; here is what must hold for them to stay short.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { manyTensors } from '../unit/many-tensors.mjs';
import { openPage } from '../e2e/harness.mjs';

const TENSORS = 1200;
const ROWS = '.tensor-grid .row';

let opened;
let folder;
/** @type {any} */
let report;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-scale-'));
  report = manyTensors({ tensors: TENSORS, runs: 2 });
  opened = await openPage({
    webgpu: false,
    before: (page) =>
      page.evaluateOnNewDocument(() => {
        const messages = [];
        Object.assign(window, { messages });
        const add = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function watch(...args) {
          this.addEventListener('message', ({ data }) => {
            if (data?.progress?.entries) messages.push(data.progress.count);
          });
          Worker.prototype.postMessage = add;
          return add.apply(this, args);
        };
      }),
  });
  const file = path.join(folder, 'report.json.gz');
  writeFileSync(file, gzipSync(JSON.stringify(report)));
  await (await opened.page.$('#report-input')).uploadFile(file);
  await opened.page.waitForSelector(ROWS, { visible: true });
});

after(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Each row in the document as its place and its cells' texts, in order of place. */
const rows = () =>
  opened.page.$$eval(ROWS, (all) =>
    all
      .map((row) => ({
        place: Number(row.getAttribute('aria-rowindex')) - 2,
        cells: [...row.children].map((cell) => cell.textContent),
      }))
      .sort((a, b) => a.place - b.place),
  );
const grid = (read) => opened.page.$eval('.tensor-grid', read);
const focused = () =>
  opened.page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'));
const shown = () => opened.page.$eval('.tensor-table .shown', (line) => line.textContent);
const settle = () =>
  opened.page.evaluate(
    () =>
      new Promise((resolve) => {
        setTimeout(() => requestAnimationFrame(() => setTimeout(resolve)), 120);
      }),
  );

/** Types a filter over the one before. */
async function filter(text) {
  await opened.page.$eval('.tensor-table #filter', (input) => input.select());
  await opened.page.keyboard.press('Backspace');
  if (text) await opened.page.type('.tensor-table #filter', text);
  await settle();
}

test('a packed report arrives in chunks', async () => {
  const counts = await opened.page.evaluate(() => window.messages);
  assert.ok(counts.length >= 6, String(counts));
  assert.ok(Math.max(...counts) <= 1000, String(counts));
  assert.equal(
    counts.reduce((a, b) => a + b, 0),
    2 * TENSORS + TENSORS + 1,
  );
});

test('no more than a hundred rows are in the document, wherever it is scrolled', async () => {
  assert.equal(await grid((element) => element.getAttribute('aria-rowcount')), `${TENSORS + 1}`);
  for (const share of [0, 0.3, 0.999]) {
    await grid((element) => element.scrollTo(0, 0));
    await opened.page.$eval(
      '.tensor-grid',
      (element, at) => element.scrollTo(0, at * element.scrollHeight),
      share,
    );
    await settle();
    const drawn = await rows();
    assert.ok(drawn.length > 15 && drawn.length <= 100, String(drawn.length));
    const inSight = await grid((element) => [
      element.scrollTop / 34,
      (element.scrollTop + element.clientHeight) / 34,
    ]);
    const places = new Set(drawn.map(({ place }) => place));
    for (let place = Math.ceil(inSight[0]); place < Math.min(TENSORS, inSight[1] - 2); place += 1)
      assert.ok(places.has(place), `row ${place} is not drawn`);
    for (const { place, cells } of drawn) {
      const { name, layer, module } = report.runs[0].tensors[place];
      assert.equal(name, `model.layers.${layer}.${cells[1]}`);
      assert.deepEqual([cells[0], cells[2]], [String(layer), module]);
    }
  }
  await grid((element) => element.scrollTo(0, 0));
  await settle();
});

test('the keyboard goes through all rows, and Enter opens a tensor', async () => {
  await opened.page.$eval(`${ROWS}[tabindex="0"]`, (row) => row.focus({ preventScroll: true }));
  for (const [key, row] of [
    ['Home', 2],
    ['ArrowDown', 3],
    ['ArrowDown', 4],
    ['ArrowUp', 3],
    ['End', TENSORS + 1],
    ['ArrowDown', TENSORS + 1],
  ]) {
    await opened.page.keyboard.press(key);
    assert.equal(await focused(), String(row), key);
  }
  assert.equal(await opened.page.$$eval(`${ROWS}[tabindex="0"]`, (all) => all.length), 1);
  await opened.page.keyboard.press('PageUp');
  const paged = Number(await focused());
  assert.ok(paged < TENSORS && paged > TENSORS - 40, String(paged));
  // Scrolled out of sight, the row keeps the focus.
  await grid((element) => element.scrollTo(0, 0));
  await settle();
  assert.equal(await focused(), String(paged));
  assert.ok((await rows()).length <= 100);
  await opened.page.keyboard.press('Enter');
  const { name } = report.runs[0].tensors[paged - 2];
  await opened.page.waitForFunction(
    (text) => document.querySelector('#detail-title')?.textContent === text,
    {},
    name,
  );
  assert.equal(
    await opened.page.$eval(`${ROWS}[aria-current=true]`, (row) => row.ariaRowIndex),
    String(paged),
  );
});

test('sorting and filtering keep the rows that stay', async () => {
  await filter('layer:3');
  await opened.page.$$eval(ROWS, (all) => all.forEach((row) => row.setAttribute('data-kept', '')));
  const values = async () => (await rows()).map(({ cells }) => parseFloat(cells[4]));
  const id = await opened.page.$eval('.tensor-grid .n .sort', (button) =>
    button.getAttribute('data-column'),
  );
  await opened.page.click(`[data-column=${id}]`);
  const descending = await values();
  assert.deepEqual(
    descending,
    [...descending].sort((a, b) => b - a),
  );
  assert.equal(
    await opened.page.$eval('[aria-sort=descending] .sort', (head) => head.dataset.column),
    id,
  );
  assert.equal(descending.length, 7);
  assert.equal(await opened.page.$$eval(`${ROWS}[data-kept]`, (all) => all.length), 7);
  await opened.page.click('[data-column=layer]');
  await filter('');
  assert.equal(await shown(), '1\u202f200 of 1\u202f200 tensors');
});

test('filters take limits, and say what is wrong with them', async () => {
  const limit = 6;
  await filter(`rotation>${limit} -down`);
  const expected = report.runs[0].tensors.filter(
    ({ geometry, module }) => geometry.rotation_max > limit && module !== 'down',
  );
  assert.ok(expected.length > 10);
  assert.match(await shown(), new RegExp(`^${expected.length} of`));
  await filter('rotation>lots');
  assert.match(
    await opened.page.$eval('.tensor-table .wrong', (line) => line.textContent),
    /“lots” is not a number/,
  );
  await filter('no such tensor');
  assert.match(await shown(), /^0 of/);
  assert.equal((await rows()).length, 0);
  await filter('');
  assert.equal(await opened.page.$eval('.tensor-table .wrong', (line) => line.hidden), true);
});

test('columns are chosen by the reader', async () => {
  const heads = () =>
    opened.page.$$eval('.tensor-grid [data-column]', (all) =>
      all.map((head) => head.dataset.column),
    );
  const usual = await heads();
  await opened.page.click('.tensor-table .menu summary');
  await opened.page.click('.tensor-table [data-key="column hidden_by_bf16"]');
  assert.deepEqual(await heads(), [...usual, 'hidden_by_bf16']);
  await opened.page.click('.tensor-table [data-key="column hidden_by_bf16"]');
  assert.deepEqual(await heads(), usual);
});

test('nothing was complained of', () => {
  assert.deepEqual(opened.problems, []);
});
