// The page says what it shows: a part is not the whole model, an invalid setting is not ignored,
// the sample leaves the user's settings alone, and rounding noise is not an angle.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noise, oneMatrix, safetensors, temporaryFolder } from './checkpoints.mjs';
import { computeSample, dropReport, openPage, openTab } from './harness.mjs';

const RUN_MS = 180_000;
let opened;

before(async () => {
  opened = await openPage();
});
after(() => opened?.close());

const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
const valueOf = (selector) => opened.page.$eval(selector, (input) => input.value);

const upload = async (selector, ...files) => (await opened.page.$(selector)).uploadFile(...files);

/** Types into a field in place of what it holds, and leaves it. */
async function enter(selector, text) {
  await opened.page.$eval(selector, (input) => {
    input.focus();
    input.select?.();
  });
  await opened.page.keyboard.press('Backspace');
  await opened.page.type(selector, text);
  await opened.page.keyboard.press('Tab');
}

/** A model of `layers` layers of one small matrix each. */
const model = (layers, shift = 0) =>
  safetensors(
    Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => [
        `model.layers.${layer}.self_attn.q_proj.weight`,
        { shape: [12, 8], data: noise(96, layer + shift, 0.05).map((x, i) => x + shift * i) },
      ]),
    ),
  );

/** The page with a base and a tuned checkpoint found. */
async function give(t, base, tuned) {
  const folder = temporaryFolder(t);
  // What an earlier test chose is remembered.
  await opened.page.evaluate(() => localStorage.clear());
  await opened.restart();
  await upload(
    '#base-input',
    `${folder.add('base', { 'base.safetensors': base })}/base.safetensors`,
  );
  await upload(
    '#tuned-input-1',
    `${folder.add('tuned', { 'tuned.safetensors': tuned })}/tuned.safetensors`,
  );
  await opened.page.waitForSelector('#run', { visible: true });
}

const finished = () =>
  opened.page.waitForSelector('#results-title', { visible: true, timeout: RUN_MS });
/** What the tab Precision says of the run. */
async function precisionText() {
  await openTab(opened.page, 'precision');
  return (await texts('.by-run')).join('\n');
}
/** How many published ranges stand beside it. */
const rangesBeside = async () => (await opened.page.$$('.by-run svg rect')).length;

test('an invalid setting blocks the run, says why and has the focus', async (t) => {
  await give(t, oneMatrix(), oneMatrix(8, 8, 1.01));
  await enter('#set-alpha', '3');
  // Another field's change does not put the old value back in silence.
  await enter('#set-k', '4');
  assert.equal(await valueOf('#set-alpha'), '3');
  await opened.page.click('#run');
  assert.deepEqual(await texts('#problem'), ['Not started. α: Expected numbers between 0 and 1.']);
  assert.equal(await opened.page.evaluate(() => document.activeElement.id), 'set-alpha');
  assert.equal(await opened.page.$eval('.results', (results) => results.hidden), true);
  await enter('#set-alpha', '0.2');
  await opened.page.click('#run');
  await finished();
  assert.ok((await texts('.conditions'))[0].includes('k = 4 · α = 0.2 ·'));
});

test('an invalid setting that is folded away is unfolded; Reset settings mends it', async (t) => {
  await give(t, oneMatrix(), oneMatrix(8, 8, 1.01));
  await opened.page.click('#advanced summary');
  await enter('#set-map', '999');
  await opened.page.click('#advanced summary');
  await opened.page.click('#run');
  assert.equal(await opened.page.evaluate(() => document.activeElement.id), 'set-map');
  await opened.page.click('#reset-settings');
  assert.deepEqual([await valueOf('#set-map'), await valueOf('#set-alpha')], ['64', '0.1, 0.3']);
  await opened.page.click('#run');
  await finished();
});

test('selected layers are not called the whole model, nor set beside ranges of one', async (t) => {
  await give(t, model(3), model(3, 1e-4));
  await enter('#set-layers', '0-1');
  await opened.page.click('#run');
  await finished();
  const cards = await precisionText();
  assert.match(
    (await texts('#part-note'))[0],
    /^Part of the model: 66\.7\s% of the weights of the base \(192 of 288\), layers 0-1\./,
  );
  assert.match(cards, /part of the model: .*, layers 0-1/);
  assert.doesNotMatch(cards, /whole model(?!s)/);
  assert.equal(await rangesBeside(), 0);
  assert.match((await texts('.conditions'))[0], /: 2 tensors, 192 of 288 parameters/);
});

test('a cancelled run is not called the whole model; a whole one is', async (t) => {
  await give(t, model(3), model(3, 1e-4));
  await opened.page.click('#run');
  await finished();
  assert.match(await precisionText(), /whole model ·/);
  assert.equal(await rangesBeside(), 2);
  assert.match((await texts('.conditions'))[0], /: 3 tensors, 288 parameters, 1\.\d+\u00a0kB/);
  const report = JSON.parse(
    await opened.page.evaluate(() => window.gatescope.run({ layers: '0' })),
  );
  report.settings.layers = null;
  report.runs[0].left_out = [];
  report.partial = { finished: 1, total: 3, reason: 'cancelled' };
  await dropReport(opened.page, report);
  await opened.page.waitForFunction(() =>
    document.querySelector('.notices')?.textContent.includes('Cancelled: 1 of 3 tensors'),
  );
  const cancelled = await precisionText();
  assert.match(cancelled, /part of the model: .*, 1 of 3 tensors/);
  assert.doesNotMatch(cancelled, /whole model(?!s)/);
  assert.equal(await rangesBeside(), 0);
  assert.match((await texts('.conditions'))[0], /: 1 tensor, 96 of 288 parameters/);
});

test('k beyond the rank: nothing is told of noise, and a smaller k is advised', async (t) => {
  await give(t, model(2), model(2, 1e-4));
  await opened.page.evaluate(() => window.gatescope.run({ k: 64 }));
  await finished();
  /** What the tab says at the report's k. */
  const atK = async () => {
    await openTab(opened.page, 'sensitivity');
    return (await texts('#at-k')).join('\n');
  };
  const covered = await atK();
  assert.match(covered, /2 of 2 matrices left out: k covers all their directions \(q\); try k = 4/);
  assert.doesNotMatch(covered, /e−1[2-9]\u00a0?[°%]/);
  await openTab(opened.page, 'tensors');
  assert.doesNotMatch((await texts('.tensor-grid')).join('\n'), /e−1[2-9]\u00a0?[°%]/);
  await opened.page.evaluate(() => window.gatescope.run({ k: 2 }));
  await finished();
  const chosen = await atK();
  assert.match(chosen, /k = 2/);
  assert.doesNotMatch(chosen, /covers all/);
});

test('the sample leaves the user’s settings as they are', { timeout: RUN_MS }, async () => {
  await opened.page.evaluate(() => localStorage.clear());
  await opened.restart();
  await computeSample(opened.page);
  await opened.page.waitForSelector('#results-title', { visible: true, timeout: RUN_MS });
  assert.match((await texts('.conditions'))[0], /k = 16 · α = 0\.1, 0\.3 ·/);
  await opened.page.click('#new');
  await opened.page.waitForSelector('#set-k', { visible: true });
  assert.deepEqual([await valueOf('#set-k'), await valueOf('#set-alpha')], ['64', '0.1, 0.3']);
});

test('nothing was logged, nothing failed, nothing went to another origin', () => {
  assert.deepEqual(opened.problems, []);
});
