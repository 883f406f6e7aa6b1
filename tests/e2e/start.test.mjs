// Getting checkpoints in: dropped anywhere, in the roles that the user gives them, and a clear word
// for each thing that is no checkpoint.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, beforeEach, before, test } from 'node:test';
import { adapterFiles, noise, oneMatrix, safetensors, temporaryFolder } from './checkpoints.mjs';
import { drop as dropOn, openPage } from './harness.mjs';

let opened;
before(async () => {
  opened = await openPage();
});
after(() => opened?.close());
beforeEach(async () => {
  await opened.page.evaluate(() => localStorage.clear());
  await opened.restart();
});

const drop = (places, selector = '.drop-target') => dropOn(opened.page, selector, places);
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
/** The first text of what is shown under a selector, once there is one. */
const shown = async (selector) => {
  await opened.page.waitForSelector(selector, { visible: true });
  return opened.page.$eval(selector, (element) => element.textContent);
};
const rows = () => texts('.zone.filled .zone-content strong');
const filled = (count) =>
  opened.page.waitForFunction(
    (least) => document.querySelectorAll('.zone.filled').length === least,
    {},
    count,
  );
const focused = () => opened.page.evaluate(() => document.activeElement.getAttribute('aria-label'));
const model = (scale = 1) => ({ 'model.safetensors': oneMatrix(8, 8, scale) });
const pair = (folder) => [folder.add('zz-grpo', model(1.01)), folder.add('my-base', model())];

test('the base is guessed by name, which is said, and chosen by its button', async (t) => {
  await drop(pair(temporaryFolder(t)));
  await filled(2);
  assert.deepEqual(await rows(), ['my-base', 'zz-grpo']);
  assert.match(await shown('.zone .below'), /^A guess: its name says base\./);
  await opened.page.click('.tuned .base-choice input');
  await opened.page.waitForFunction(
    () => document.querySelector('.zone .zone-content strong').textContent === 'zz-grpo',
  );
  assert.deepEqual(await rows(), ['zz-grpo', 'my-base']);
  assert.equal((await texts('.zone .below')).length, 0, 'it is no guess any more');
  assert.equal(await focused(), 'zz-grpo is the base');
});

test('without such a name the first of the drop is the base, and the order stays', async (t) => {
  const folder = temporaryFolder(t);
  await drop(['zeta', 'beta', 'alpha'].map((name, i) => folder.add(name, model(1 + i / 100))));
  await filled(3);
  assert.deepEqual(await rows(), ['zeta', 'beta', 'alpha']);
  assert.match(await shown('.zone .below'), /^A guess: it was given first\./);
  // One that says so, dropped later, is a better guess.
  await drop([folder.add('a-base', model(2))]);
  await filled(4);
  assert.deepEqual(await rows(), ['a-base', 'beta', 'alpha', 'zeta']);
});

test('checkpoints are renamed, moved and removed, and the focus stays near', async (t) => {
  const folder = temporaryFolder(t);
  await drop(['base', 'one', 'two'].map((name, i) => folder.add(name, model(1 + i / 100))));
  await filled(3);
  await opened.page.click('[aria-label="Rename one"]');
  await opened.page.keyboard.type('<b>first</b>');
  await opened.page.keyboard.press('Enter');
  assert.deepEqual(await rows(), ['base', '<b>first</b>', 'two']);
  assert.equal(await focused(), 'Rename <b>first</b>');
  await opened.page.click('[aria-label="Move two up"]');
  assert.deepEqual(await rows(), ['base', 'two', '<b>first</b>']);
  assert.equal(await focused(), 'Move two up');
  await opened.page.waitForFunction(() =>
    [...document.querySelectorAll('table.plain tbody th')]
      .map((head) => head.firstChild.textContent)
      .join()
      .endsWith('two,<b>first</b>'),
  );
  await opened.page.click('[aria-label="Remove Tuned checkpoint 2"]');
  assert.deepEqual(await rows(), ['base', 'two']);
  assert.notEqual(await opened.page.evaluate(() => document.activeElement.tagName), 'BODY');
});

test('a Hugging Face cache is read from its blobs; links alone are explained', async (t) => {
  const folder = temporaryFolder(t);
  const hash = (letter, length) => letter.repeat(length);
  const cache = (org, scale) => {
    const place = folder.add(`models--org--${org}`, {});
    const revision = path.join(place, 'snapshots', hash('d', 40));
    mkdirSync(path.join(place, 'blobs'));
    mkdirSync(revision, { recursive: true });
    const blob = path.join(place, 'blobs', hash('a', 64));
    writeFileSync(blob, oneMatrix(8, 8, scale));
    writeFileSync(path.join(place, 'blobs', hash('b', 40)), '{"model_type": "qwen2"}');
    symlinkSync(blob, path.join(revision, 'model.safetensors'));
    return { place, revision };
  };
  const [base, tuned] = [cache('m-base', 1), cache('m-tuned', 1.01)];
  await drop([base.place, tuned.place]);
  await filled(2);
  assert.deepEqual(await rows(), ['org/m-base', 'org/m-tuned']);
  await opened.page.waitForSelector('#run', { visible: true });
  await opened.restart();
  await drop([base.revision]);
  assert.match(
    await shown('#problem'),
    /its files are links, .*Select the files inside it, or drop the whole folder models--/,
  );
});

test('two folders on one row, and a document beside a checkpoint, are said', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(folder.path('paper.pdf'), '%PDF-1.7', 'latin1');
  const runs = ['one', 'two'].map((name, i) => folder.add(name, model(1 + i / 100)));
  await drop([...runs, folder.path('paper.pdf')], '.tuned .zone');
  await filled(2);
  assert.deepEqual(await rows(), ['one', 'two']);
  const notes = await shown('#notes');
  assert.match(notes, /^2 checkpoints were given: each is a run of its own \(one and two\)\./);
  assert.match(notes, /paper\.pdf: .*a document/);
});

test('each thing that is no checkpoint has its sentence', async (t) => {
  const folder = temporaryFolder(t);
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:46\nsize 988097824\n';
  const write = (name, content) => {
    writeFileSync(folder.path(name), content, 'latin1');
    return folder.path(name);
  };
  for (const [place, sentence] of [
    [folder.add('lfs', { 'model.safetensors': pointer }), /^lfs: .*Git LFS pointer.*git lfs pull/],
    [
      folder.add('keras', { 'tf_model.h5': 'HDF', 'config.json': '{}' }),
      /^keras: .*tf_model\.h5.*TensorFlow or Keras.*from_tf/,
    ],
    [write('q4.gguf', 'GGUF\x03\0\0\0'), /^q4: .*q4\.gguf: /],
    [write('paper.pdf', '%PDF-1.7'), /^paper\.pdf: .*a document: give a checkpoint's folder/],
    [folder.add('nothing', {}), /“nothing” is empty/],
    [
      write('cut.safetensors', oneMatrix().subarray(0, 40)),
      /^cut: .*cut\.safetensors: .*truncated.*Download it again/,
    ],
  ]) {
    await drop([place]);
    await opened.page.waitForFunction(
      (wanted) => new RegExp(wanted).test(document.getElementById('problem').textContent),
      {},
      sentence.source,
    );
    assert.equal((await rows()).length, 0);
  }
});

test('no tensor in common: an example of each side, and no run', async (t) => {
  const folder = temporaryFolder(t);
  const other = safetensors({ 'transformer.h.0.attn.weight': { shape: [8, 8], data: noise(64) } });
  await drop([folder.add('base', model()), folder.add('gpt', { 'model.safetensors': other })]);
  assert.equal(
    await shown('.mismatch'),
    'No tensor of gpt matches the base. The base has model.layers.0.self_attn.q_proj.weight, ' +
      'gpt has transformer.h.0.attn.weight.',
  );
  assert.equal(await opened.page.$eval('#run', (button) => button.disabled), true);
  await opened.page.click('[aria-label="Remove Tuned checkpoint"]');
  await drop([folder.add('good', model(1.01))]);
  await opened.page.waitForSelector('#run:not(:disabled)', { visible: true });
});

test('the same checkpoint twice is said before the run', async (t) => {
  const folder = temporaryFolder(t);
  await drop([folder.add('base', model()), folder.add('copy', model())]);
  assert.match(await shown('.identical'), /^copy looks identical to the base, base: /);
});

test('an adapter is never the base, and says whose it is by needing one', async (t) => {
  const folder = temporaryFolder(t);
  await drop([
    folder.add(
      'lora',
      adapterFiles(['model.layers.0.self_attn.q_proj'], { base_model_name_or_path: 'org/big' }),
    ),
  ]);
  await filled(1);
  assert.deepEqual(await texts('.tuned .zone.filled strong'), ['lora']);
  await opened.page.waitForFunction(() =>
    /Its configuration names org\/big as its base\.$/.test(
      document.querySelector('.zone .needs')?.textContent,
    ),
  );
});

test('k beyond a tenth of the ranks: a smaller one is proposed, taken by a click', async (t) => {
  await drop(pair(temporaryFolder(t)));
  assert.match(
    await shown('#proposal'),
    /^k = 64 covers all directions of 1 of 1 matrices, .*Use k = 4$/,
  );
  await opened.page.click('#use-proposal');
  assert.equal(await opened.page.$eval('#set-k', (input) => input.value), '4');
  assert.equal(await opened.page.$eval('#proposal', (note) => note.hidden), true);
  assert.match(await shown('#differences'), /^k 4 \(default 64\) Reset settings$/);
  // It is remembered, and reset.
  await opened.restart();
  await drop(pair(temporaryFolder(t)));
  await opened.page.waitForSelector('#set-k', { visible: true });
  assert.equal(await opened.page.$eval('#set-k', (input) => input.value), '4');
  await opened.page.click('#reset-settings');
  assert.equal(await opened.page.$eval('#set-k', (input) => input.value), '64');
});

test('the keyboard’s place is kept through a run, its report, and back', async (t) => {
  await drop(pair(temporaryFolder(t)));
  await opened.page.waitForSelector('#run', { visible: true });
  const tag = () => opened.page.evaluate(() => document.activeElement.tagName);
  await opened.page.focus('#run');
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForSelector('#results-title', { visible: true, timeout: 60_000 });
  assert.notEqual(await tag(), 'BODY');
  await opened.page.focus('#new');
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForSelector('#run', { visible: true });
  assert.notEqual(await tag(), 'BODY');
  assert.deepEqual(await rows(), ['my-base', 'zz-grpo'], 'what was given is still there');
  await opened.page.click('#back-to-report');
  await opened.page.waitForSelector('#results-title', { visible: true });
});

test('a finished report is listed after a reload, opens, and can be deleted', async (t) => {
  await opened.page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.deleteDatabase('gatescope-reports').onsuccess = resolve;
      }),
  );
  await drop(pair(temporaryFolder(t)));
  await (await opened.page.waitForSelector('#run', { visible: true })).click();
  await opened.page.waitForSelector('#results-title', { visible: true, timeout: 60_000 });
  await opened.page.waitForFunction(() => document.querySelector('#recent .recent-name'));
  await opened.restart();
  assert.equal(await shown('#recent .recent-name'), 'my-base → zz-grpo');
  await opened.page.click('.open-recent');
  await opened.page.waitForSelector('#results-title', { visible: true });
  await opened.restart();
  await opened.page.waitForSelector('#recent .ghost', { visible: true });
  await opened.page.click('#recent [aria-label^="Delete"]');
  await opened.page.waitForFunction(() => !document.querySelector('#recent li'));
  assert.notEqual(await opened.page.evaluate(() => document.activeElement.tagName), 'BODY');
});

test('checkpoints dropped on a report are added, and the report is kept', async (t) => {
  const folder = temporaryFolder(t);
  await drop(pair(folder));
  await (await opened.page.waitForSelector('#run', { visible: true })).click();
  await opened.page.waitForSelector('#results-title', { visible: true, timeout: 60_000 });
  await drop([folder.add('later', model(1.02))], 'body');
  assert.match(await shown('#notes'), /^1 checkpoint added: later\. The report is kept/);
  await filled(3);
  await opened.page.click('#back-to-report');
  await opened.page.waitForSelector('#results-title', { visible: true });
});

test('of two reports the first is shown, and the other is named', async (t) => {
  await drop(pair(temporaryFolder(t)));
  await opened.page.waitForSelector('#run', { visible: true });
  const text = await opened.page.evaluate(() => window.gatescope.run({ k: 2 }));
  const folder = temporaryFolder(t);
  const places = ['a.json', 'b.json'].map((name) => {
    writeFileSync(folder.path(name), text);
    return folder.path(name);
  });
  await opened.restart();
  await drop(places);
  assert.equal(await shown('#notes'), '2 reports were given: a.json is shown. Not opened: b.json.');
  await opened.page.waitForSelector('#results-title', { visible: true });
});

test('at 390 pixels nothing scrolls sideways', async (t) => {
  await opened.page.setViewport({ width: 390, height: 844 });
  await drop(pair(temporaryFolder(t)));
  await opened.page.waitForSelector('#run', { visible: true });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
