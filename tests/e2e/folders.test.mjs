// Real folders, dropped as a person drops them: read to their depths, each checkpoint for itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { oneMatrix, temporaryFolder } from './checkpoints.mjs';
import { drop as dropOn, openPage } from './harness.mjs';

let opened;

before(async () => {
  opened = await openPage();
});
after(() => opened?.close());

const drop = (selector, places) => dropOn(opened.page, selector, places);
const zones = () =>
  opened.page.$$eval('.zone.filled .zone-content', (all) =>
    all.map((element) => element.textContent),
  );
const found = () =>
  opened.page.waitForFunction(() => document.querySelector('#found-title')?.offsetParent);
const rows = () =>
  opened.page.$$eval('table.plain tbody tr', (all) =>
    all.map((row) => [
      row.querySelector('th').firstChild.textContent,
      row.children[1].textContent,
      row.children[5].textContent,
    ]),
  );

test('one folder holds the base and several tuned checkpoints, at different depths', async (t) => {
  const folder = temporaryFolder(t);
  const whole = folder.add('family', {});
  for (const [at, scale] of [
    ['base', 1],
    ['runs/tuned-a', 1.01],
    ['runs/deep/er/tuned-b', 1.02],
  ]) {
    mkdirSync(path.join(whole, at), { recursive: true });
    writeFileSync(path.join(whole, at, 'model.safetensors'), oneMatrix(8, 8, scale));
    writeFileSync(path.join(whole, at, 'notes.txt'), 'not wanted');
  }
  await drop('.zone', [whole]);
  await found();
  assert.deepEqual(
    (await zones()).map((zone) => zone.split(' ')[0]),
    ['base', 'tuned-a', 'tuned-b'],
  );
  assert.deepEqual(await rows(), [
    ['base', '1', '1'],
    ['tuned-a', '1', '1'],
    ['tuned-b', '1', '1'],
  ]);
});

test('several folders in one drop, one with more entries than are listed at once', async (t) => {
  await opened.restart();
  const folder = temporaryFolder(t);
  const base = folder.add('before', { 'model.safetensors': oneMatrix() });
  // Chromium lists a hundred entries at a time; the shard that matters has the last name.
  const clutter = Object.fromEntries(
    Array.from({ length: 320 }, (_, i) => [`a${String(i).padStart(3, '0')}.txt`, 'clutter']),
  );
  const big = folder.add('after-many', {
    ...clutter,
    'z-model.safetensors': oneMatrix(8, 8, 1.01),
  });
  const small = folder.add('after-few', { 'model.safetensors': oneMatrix(8, 8, 1.02) });
  await drop('.zone', [base]);
  await opened.page.waitForSelector('.zone.filled');
  await drop('.tuned .zone', [big, small]);
  await found();
  await opened.page.waitForFunction(
    () => document.querySelectorAll('table.plain tbody tr').length === 3,
  );
  assert.deepEqual((await rows()).map(([name]) => name).sort(), [
    'after-few',
    'after-many',
    'before',
  ]);
  await opened.page.click('#run');
  await opened.page.waitForSelector('#results-title', { visible: true, timeout: 60_000 });
  assert.deepEqual(
    (
      await opened.page.$$eval('.chip-name', (chips) => chips.map((chip) => chip.textContent))
    ).sort(),
    ['after-few', 'after-many'],
  );
});

test('a folder without checkpoints is refused in one line', async (t) => {
  await opened.restart();
  const folder = temporaryFolder(t);
  await drop('.zone', [folder.add('empty', { 'readme.md': 'nothing here' })]);
  await opened.page.waitForSelector('#problem', { visible: true });
  assert.match(
    await opened.page.$eval('#problem', (line) => line.textContent),
    /^empty: .*\(found: readme\.md\)\. Give a checkpoint's folder or its /,
  );
});

test('nothing was logged, nothing failed', () => assert.deepEqual(opened.problems, []));
