// What a tuned checkpoint is, as the user tells: it decides what figures stand beside each other,
// and saves of one run are compared step by step.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { noise, safetensors, temporaryFolder } from './checkpoints.mjs';
import { drop, openPage, openTab, openTensor, runScript } from './harness.mjs';

const NAME = 'model.layers.0.self_attn.q_proj.weight';
let opened;

before(async () => {
  opened = await openPage({
    before: (page) =>
      page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
  });
});
after(() => opened?.close());

/**
 * Of 16 × 16 weights, step 9 changes rows 1–8, step 10 rows 9–12, step 11 row 1 again: their names
 * in order of letters are 10, 11, 9.
 */
function saves(t) {
  const folder = temporaryFolder(t);
  const matrix = (times) =>
    safetensors({
      [NAME]: {
        shape: [16, 16],
        data: noise(256, 0, 0.1).map((w, i) => w * (times[Math.floor(i / 16)] ?? 1)),
      },
    });
  const whole = folder.add('run', {});
  const rows = (from, to, factor) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, i) => [from + i, factor]));
  const places = [
    ['checkpoint-9', rows(0, 8, 1.5)],
    ['checkpoint-10', rows(0, 12, 1.5)],
    ['checkpoint-11', { ...rows(0, 12, 1.5), 0: 2 }],
  ].map(([name, times]) => {
    mkdirSync(path.join(whole, name));
    writeFileSync(path.join(whole, name, 'model.safetensors'), matrix(times));
    return path.join(whole, name);
  });
  return { folder, whole, places, base: folder.add('base', { 'model.safetensors': matrix({}) }) };
}
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
const results = () => opened.page.$eval('.results', (element) => element.innerText);
/** Runs with this choice of the field; what was kept, as the page says. */
async function run(comparison) {
  if (await opened.page.$eval('.results', (element) => !element.hidden))
    await opened.page.click('#new');
  await opened.page.waitForSelector('#set-comparison', { visible: true });
  await opened.page.select('#set-comparison', comparison);
  await opened.page.waitForSelector('#run', { visible: true });
  await opened.page.click('#run');
  await opened.page.waitForSelector('#results-title', { visible: true });
  await openTab(opened.page, 'tensors');
  return opened.page.evaluate(
    () =>
      [...document.querySelectorAll('.kept')]
        .find((element) => element.offsetParent)
        ?.textContent.slice(0, 6) ?? '',
  );
}
const table = (part) =>
  opened.page.$$eval(`#several [aria-labelledby=several-${part}] .steps tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );

test(
  'whole runs stand beside what was reported, steps do not, and the conditions say what they ' +
    'are',
  async (t) => {
    const { base, whole } = saves(t);
    await drop(opened.page, '.zone', [base]);
    await drop(opened.page, '.tuned .zone', [whole]);
    await run('whole_run');
    assert.match((await texts('.conditions'))[0], / · whole run$/);
    assert.equal(await opened.page.$('#comparison-note'), null);
    await openTab(opened.page, 'precision');
    assert.match(await results(), /Grey: published whole runs/);
    await openTab(opened.page, 'compare');
    assert.equal(await opened.page.$('.steps'), null);
    assert.equal((await texts('#tab-compare'))[0], 'Compare runs');
    await openTab(opened.page, 'tensors');

    assert.equal(await run('per_step'), '1 of 1', 'no figure depends on it');
    assert.match((await texts('.conditions'))[0], / · one step of a run$/);
    assert.match(
      (await texts('#comparison-note'))[0],
      /^One step of a run\. Published ranges are of whole runs, .* not shown/,
    );
    for (const tab of ['precision', 'sensitivity', 'compare', 'tensors']) {
      await openTab(opened.page, tab);
      assert.doesNotMatch(
        await results(),
        /published (for|magnitudes|at|whole)|Published for|RLVR|PNT/,
        tab,
      );
      assert.equal(await opened.page.$('.by-run svg rect'), null);
    }
    assert.equal(await run('steps'), '', 'steps have figures of their own');
  },
);

test('saves are taken in the order of their numbers, each beside the one before it', async (t) => {
  const { base, whole } = saves(t);
  await opened.restart();
  await drop(opened.page, '.zone', [base]);
  await drop(opened.page, '.tuned .zone', [whole]);
  await run('steps');
  assert.match((await texts('.conditions'))[0], / · steps of one run, in order$/);
  assert.deepEqual(await texts('.chip-name'), ['checkpoint-9', 'checkpoint-10', 'checkpoint-11']);
  await openTensor(opened.page, NAME);
  await openTab(opened.page, 'compare');
  await opened.page.waitForSelector('#several-tensor');
  assert.deepEqual(await texts('#tab-compare'), ['Compare steps']);
  // Every metric against the step, not the share that each changed alone.
  assert.ok((await texts('.trajectories figcaption strong')).includes('Relative update by step'));
  assert.deepEqual(await texts('#several-title'), ['Steps of one run']);
  const wanted = [
    ['checkpoint-9', '128', '50.0\u00a0%', '50.0\u00a0%'],
    ['checkpoint-10', '64', '25.0\u00a0%', '75.0\u00a0%'],
    ['checkpoint-11', '16', '6.25\u00a0%', '75.0\u00a0%'],
  ];
  assert.deepEqual([await table('model'), await table('tensor')], [wanted, wanted]);
  assert.deepEqual(
    await texts('#several [aria-labelledby=several-tensor] .steps figcaption strong'),
    ['Changed by each step', 'Changed by each step, by row', 'Changed by each step, by column'],
  );
  assert.ok(
    (
      await texts(
        '#several [aria-labelledby=several-tensor] svg[aria-label="Changed by each step"] title',
      )
    ).includes('checkpoint-10, tensor: 25.0\u00a0%'),
  );

  const map = await opened.page.$('#several [aria-label^="Changed by each step, by row"]');
  await map.focus();
  // The first press chooses the first cell: row 1 of step 1, then the next step, then twice down.
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight'])
    await opened.page.keyboard.press(key);
  const outputs = () => texts('#several [aria-labelledby=several-tensor] .steps output');
  assert.equal(
    (await outputs())[0],
    'row 1, step 3 (checkpoint-11): 100\u00a0%, 16× the step’s own share',
  );
  await opened.page.keyboard.press('ArrowDown');
  assert.equal(
    (await outputs())[0],
    'row 2, step 3 (checkpoint-11): 0\u00a0%, 0× the step’s own share',
  );
  assert.match(
    (await texts('#several [aria-labelledby=several-tensor] .steps .beside'))[1],
    /Random: 1 everywhere\. Dispersion by step: 1[67]\.\d, 1[67]\.\d, 1[67]\.\d; random 1\.$/,
  );

  await opened.page.setViewport({ width: 390, height: 844 });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('`npm run analyze -- --comparison steps` takes them in the order given', async (t) => {
  const { folder, base, places } = saves(t);
  const args = [
    '--base',
    base,
    '--tuned',
    ...places,
    '--backend',
    'cpu',
    '--out',
    folder.path('report.json'),
    '--quiet',
  ];
  const { code, stderr } = await runScript('analyze.mjs', [...args, '--comparison', 'steps']);
  assert.equal(code, 0, stderr);
  const { settings, overlaps } = JSON.parse(readFileSync(folder.path('report.json'), 'utf8'));
  assert.equal(settings.comparison, 'steps');
  for (const { steps } of overlaps)
    assert.deepEqual(
      steps.map(({ changed }) => changed),
      [128, 64, 16],
    );
  const wrong = await runScript('analyze.mjs', [...args, '--comparison', 'run']);
  assert.deepEqual(
    [wrong.code, /--comparison.*whole_run, per_step, steps/.test(wrong.stderr)],
    [2, true],
    wrong.stderr,
  );
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
