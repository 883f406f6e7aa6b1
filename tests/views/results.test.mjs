// The frame of a result: the drawer beside a long table, the way back to what opened it, a reload,
// settings of the report beside the reader's own, and paper.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dropReport, openDetail, openPage } from '../e2e/harness.mjs';
import { manyTensors } from '../unit/many-tensors.mjs';

const TENSORS = 240;
/** The row that is clicked: far enough down to be out of sight at first. */
const ROW = 40;
let opened;
let report;

before(async () => {
  opened = await openPage({
    before: (page) =>
      page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
  });
  report = manyTensors({ tensors: TENSORS, runs: 2 });
  await show(report);
});
after(() => opened?.close());

async function show(content) {
  await dropReport(opened.page, content);
  await opened.page.waitForSelector('#heatmap [data-key]', { visible: true });
  await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
}
const text = (selector) => opened.page.$eval(selector, (element) => element.textContent);
const keyOfFocus = () =>
  opened.page.evaluate(() => document.activeElement.getAttribute('data-key'));

test('the title of a tensor is in sight after a click on a row far down', async () => {
  const { page } = opened;
  await page.$eval(
    '.tensor-grid',
    (grid, row) => {
      grid.scrollIntoView({ block: 'end' });
      grid.scrollTop = (row - 3) * 34;
    },
    ROW,
  );
  const row = `.tensor-grid .row[aria-rowindex="${ROW + 1}"]`;
  await page.waitForSelector(row);
  await page.click(row);
  await page.waitForSelector('#detail-title');
  const place = () =>
    page.evaluate(() => {
      const { top, bottom } = document.getElementById('detail-title').getBoundingClientRect();
      const bar = document.querySelector('.topbar').getBoundingClientRect();
      return { top, bottom, from: bar.bottom, to: innerHeight, scrolled: scrollY };
    });
  for (const where of ['at the table', 'at the end of the page']) {
    const { top, bottom, from, to, scrolled } = await place();
    assert.ok(scrolled > 300 && top >= from && bottom <= to, `${where}: ${top} to ${bottom}`);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  }
});

test('all tabs of a tensor are in sight, and no value is cut off', async () => {
  for (const width of [1440, 390]) {
    await opened.page.setViewport({ width, height: 844 });
    await openDetail(opened.page, 'values');
    const cut = await opened.page.$$eval('#detail .tabs, #detail .scroll', (all) =>
      all
        .filter((element) => element.scrollWidth > element.clientWidth)
        .map((one) => one.className),
    );
    assert.deepEqual(cut, [], `${width} pixels`);
  }
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('the focus goes back to the cell, though it was drawn anew meanwhile', async () => {
  const { page } = opened;
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('#detail-title'));
  await page.$eval('#heatmap [tabindex="0"]', (cell) => cell.focus());
  const key = await keyOfFocus();
  assert.ok(key);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'detail-title');
  for (const width of [390, 1440]) {
    await page.setViewport({ width, height: 844 });
    await page.waitForSelector(width < 800 ? '.sheet #detail-title' : '.drawer #detail-title');
  }
  await page.keyboard.press('Escape');
  await page.waitForFunction(
    (wanted) => document.activeElement?.getAttribute('data-key') === wanted,
    {},
    key,
  );
});

test('the button of a chart covers nothing of it', async () => {
  for (const width of [1440, 390]) {
    await opened.page.setViewport({ width, height: 844 });
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    const covered = await opened.page.$$eval('.place > .export-chart', (all) =>
      all.flatMap((button) => {
        const own = button.getBoundingClientRect();
        const meets = ({ left, right, top, bottom }) =>
          left < own.right - 1 &&
          right > own.left + 1 &&
          top < own.bottom - 1 &&
          bottom > own.top + 1;
        return [...button.parentElement.querySelectorAll('svg, canvas, h3, summary, .heat-cell')]
          .filter((part) => !button.contains(part) && part.checkVisibility())
          .filter((part) => meets(part.getBoundingClientRect()))
          .filter((part) => part.localName !== 'summary')
          .map((part) => `${button.parentElement.className}: ${part.localName}`);
      }),
    );
    assert.deepEqual(covered, [], `${width} pixels`);
  }
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('on paper the sentence keeps its values, and the table its rows', async () => {
  const { page } = opened;
  const sentence = await page.$eval('.place-summary', (place) => place.innerText);
  assert.match(sentence, /\d/);
  await page.setViewport({ width: 794, height: 1123 });
  await page.emulateMediaType('print');
  await page.waitForSelector('.print-table tbody tr', { visible: true });
  const printed = await page.$eval('.place-summary', (place) => place.innerText);
  const valuesOf = (words) => words.match(/\d[\d.]*/g) ?? [];
  assert.deepEqual(valuesOf(printed).slice(0, 2), valuesOf(sentence).slice(0, 2));
  assert.equal((await page.$$('.print-table tbody tr')).length, 200);
  assert.match(await text('.print-table > p'), /^40 more tensors: /);
  assert.equal(await page.$eval('.topbar', (bar) => bar.checkVisibility()), false);
  assert.equal(await page.$eval('.tensor-grid', (grid) => grid.checkVisibility()), false);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 794);
  assert.ok((await page.pdf()).length > 10_000);
  await page.emulateMediaType();
  await page.setViewport({ width: 1440, height: 900 });
  await page.waitForFunction(() => !document.querySelector('.print-table tr'));
});

test('a copied caption is said to be copied', async () => {
  const { page } = opened;
  await page.$eval('.export-result .export-button', (button) => button.click());
  await page.$$eval('.export-result li button', (all) =>
    all.find((button) => button.textContent === 'Copy a caption').click(),
  );
  await page.waitForFunction(
    () => document.querySelector('.export-said')?.textContent === 'The caption was copied.',
  );
  await page.keyboard.press('Escape');
});

test('a reload opens the report again, as it was; another one shows all its runs', async () => {
  const { page } = opened;
  // A dropped report is kept while it is read.
  await page.waitForFunction(
    () =>
      new Promise((resolve) => {
        indexedDB.open('gatescope-reports').onsuccess = ({ target: { result: db } }) => {
          const close = (isKept) => {
            db.close();
            resolve(isKept);
          };
          if (!db.objectStoreNames.contains('list')) return close(false);
          const asked = db.transaction('list').objectStore('list').count();
          asked.onsuccess = () => close(asked.result === 1);
          return undefined;
        };
      }),
    { polling: 100 },
  );
  const [shown, hidden] = report.runs.map(({ checkpoint }) => checkpoint.name);
  await page.click('#run-show-1');
  assert.ok((await page.evaluate(() => location.hash)).includes(`hidden=${hidden}`));
  await page.reload();
  await page.waitForSelector('#run-show-1[aria-pressed=false]', { visible: true });
  assert.match(await page.title(), new RegExp(`${shown} and ${hidden} · Gatescope$`));
  const address = await page.evaluate(() => location.hash);

  await opened.restart();
  await page.waitForSelector('#recent .recent-name', { visible: true });
  assert.equal((await page.$$('#recent .recent-name')).length, 1);
  await page.evaluate((hash) => history.replaceState(null, '', hash), address);
  await show({ ...report, created: '2020-01-02T03:04:05Z' });
  await page.waitForSelector('#run-show-1[aria-pressed=true]', { visible: true });
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
