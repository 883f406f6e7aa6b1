// A PEFT folder in place of a tuned checkpoint: given, named, compared, and each figure beside what
// it is read against.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { summarizeAdapter, unchangedAfterMerge } from '../../www/report/adapter.js';
import { count, number, percent } from '../../www/report/format.js';
import {
  HEADS,
  adapterFiles,
  attentionLayer,
  safetensors,
  temporaryFolder,
} from './checkpoints.mjs';
import { drop, openDetail, openPage, openTab, openTensor, runScript } from './harness.mjs';

const Q = 'model.layers.0.self_attn.q_proj';
const V = 'model.layers.0.self_attn.v_proj';
let opened;

before(async () => {
  opened = await openPage({
    before: (page) =>
      page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
  });
});
after(() => opened?.close());

const baseFiles = () => ({
  'config.json': HEADS,
  'model.safetensors': safetensors(attentionLayer(), 'BF16'),
});
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
const found = (name) =>
  opened.page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('table.plain tbody th')].some(
        (element) => element.offsetParent && element.textContent === wanted,
      ),
    {},
    name,
  );
/** Drops the base and an adapter on a page that holds nothing yet. */
async function give(t, name, files) {
  await opened.restart();
  const folder = temporaryFolder(t);
  const places = [folder.add('base', baseFiles()), folder.add(name, files)];
  // As old as those of any other test: files differ by what is in them alone.
  for (const place of places)
    for (const file of readdirSync(place)) utimesSync(path.join(place, file), 1e9, 1e9);
  await drop(opened.page, '.zone', places.slice(0, 1));
  await drop(opened.page, '.tuned .zone', places.slice(1));
  await found(`${name}adapter`);
}
/** The report of what the page holds, in view. */
async function run(settings) {
  const report = JSON.parse(
    await opened.page.evaluate((given) => window.gatescope.run(given), settings),
  );
  await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
  return report;
}

test('a folder is taken with its configuration and name, and called an adapter', async (t) => {
  await give(t, 'my-lora', { ...adapterFiles([Q, V]), 'README.md': 'a card' });
  assert.match((await texts('.tuned .zone-content'))[0], /^my-lora 2 files, /);
  assert.deepEqual(await texts('table.plain details summary'), [
    '2 tensors that the adapter leaves as they are',
  ]);
  assert.ok((await texts('table.plain td .quiet')).includes('All tensors matched'));
});

test('what a merge keeps stands before any figure of Δ, each with its context', async (t) => {
  await give(t, 'my-lora', adapterFiles([Q, V]));
  const report = await run({ k: 4, alphas: [0.3] });
  const [shown] = report.runs;
  const sums = summarizeAdapter(shown);
  assert.ok(
    sums.survives > 0.05 && sums.survives < 0.95,
    `${sums.survives} survives: a figure near an end would prove little`,
  );
  assert.match(
    (await texts('#adapter-note'))[0],
    new RegExp(
      '^A LoRA adapter, rank 4, scale 2\\.00, on 2 matrices\\. ' +
        'Precision, masks and overlaps: after merging\\. .*Δ = s·B·A before the merge\\. ',
    ),
  );
  assert.match(
    (await texts('.conditions'))[0],
    /^base → my-lora: 2 tensors, adapter of 512 parameters/,
  );

  await openTab(opened.page, 'precision');
  const [merge, precision] = await texts('.tab-panel .card');
  assert.ok(
    merge.startsWith(
      `Adapter kept after the merge${percent(sums.survives)}${count(sums.changed)} ` +
        `of the ${count(sums.touched)} weights`,
    ),
    merge,
  );
  assert.ok(
    merge.includes(`realized ${number(sums.realized)} of Δ`) &&
      merge.includes(`merge error ${number(sums.mergeError)} of ‖Δ‖`),
    merge,
  );
  assert.ok(
    precision.includes(`${percent(unchangedAfterMerge(shown, report))} of the whole model`),
    precision,
  );
  assert.equal(await opened.page.$('.tab-panel .card svg'), null);

  const tensor = shown.tensors.find(({ name }) => name === `${V}.weight`);
  await openTensor(opened.page, tensor.name);
  await openDetail(opened.page, 'precision');
  const { adapter } = tensor;
  const rows = await opened.page.$$eval(
    '#detail table[aria-label="LoRA adapter, rank 4, scale 2.00"] tbody tr',
    (all) => all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  assert.deepEqual(rows[1], [
    'survives the merge',
    percent(adapter.survives),
    `${percent(1 - adapter.survives)} is lost`,
  ]);
  assert.deepEqual(
    rows.slice(4).map((cells) => cells.slice(1)),
    [
      [percent(adapter.a_principal), `random ${percent(4 / 32)}`],
      [percent(adapter.b_principal), `random ${percent(4 / 32)}`],
    ],
  );

  await opened.page.select('#metric', 'survives');
  assert.ok(
    await opened.page.$(`#heatmap [aria-label^="layer 0, v: ${percent(adapter.survives)}"]`),
  );
  assert.ok(await opened.page.$('[data-column=survives]'));
  await opened.page.setViewport({ width: 390, height: 844 });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('factors that do not fit are listed apart from what is not adapted', async (t) => {
  await give(t, 'odd', adapterFiles([Q, V], { rank_pattern: { v_proj: 2 } }));
  assert.deepEqual(await texts('table.plain details summary'), [
    'Left out: adapter not usable (1)',
    '2 tensors that the adapter leaves as they are',
  ]);
  const report = await run({ k: 4, alphas: [0.3] });
  assert.equal(unchangedAfterMerge(report.runs[0], report), null);
  await openTab(opened.page, 'method');
  assert.ok((await texts('.left-out summary')).includes('Left out: adapter not usable (1)'));
});

test(
  'another scale in a configuration of the same size and age is another comparison; the same ' +
    'is the same',
  async (t) => {
    const scales = async (alpha) => {
      await give(t, 'lora', adapterFiles([Q, V], { alpha }));
      const { runs } = await run({ k: 4, alphas: [0.3] });
      const kept = await opened.page.evaluate(
        () =>
          [...document.querySelectorAll('.kept')]
            .find((element) => element.offsetParent)
            ?.textContent.slice(0, 6) ?? '',
      );
      return [...runs[0].tensors.map(({ adapter }) => adapter.scale), kept];
    };
    assert.deepEqual(
      [await scales(6), await scales(4), await scales(6)],
      [
        [1.5, 1.5, ''],
        [1, 1, ''],
        [1.5, 1.5, '2 of 2'],
      ],
    );
  },
);

test('DoRA is refused in one line, on the page and by `npm run analyze`', async (t) => {
  await opened.restart();
  const folder = temporaryFolder(t);
  const [base, dora] = [
    folder.add('base', baseFiles()),
    folder.add('dora', adapterFiles([Q], { use_dora: true })),
  ];
  await drop(opened.page, '.zone', [base]);
  await drop(opened.page, '.tuned .zone', [dora]);
  await opened.page.waitForSelector('#problem', { visible: true });
  const line =
    'adapter_config.json: it is a DoRA adapter (use_dora), whose update is not low rank: ' +
    'merge it with PEFT (merge_and_unload) and give the merged checkpoint';
  assert.equal((await texts('#problem'))[0], line);
  const { code, stderr } = await runScript('analyze.mjs', [
    '--base',
    base,
    '--tuned',
    dora,
    '--out',
    folder.path('report.json'),
    '--quiet',
  ]);
  assert.deepEqual([code, stderr.trim()], [1, `error: ${line}`]);
});

test('`npm run analyze` takes an adapter’s folder, or its file for the folder', async (t) => {
  const folder = temporaryFolder(t);
  const [base, lora] = [
    folder.add('base', baseFiles()),
    folder.add('my-lora', adapterFiles([Q, V])),
  ];
  const figures = [];
  for (const tuned of [lora, path.join(lora, 'adapter_model.safetensors')]) {
    const { code, stderr } = await runScript('analyze.mjs', [
      '--base',
      base,
      '--tuned',
      tuned,
      '--k',
      '4',
      '--backend',
      'cpu',
      '--out',
      folder.path('report.json'),
      '--quiet',
    ]);
    assert.equal(code, 0, stderr);
    const [run_] = JSON.parse(readFileSync(folder.path('report.json'), 'utf8')).runs;
    figures.push([run_.checkpoint.name, run_.tensors.map(({ adapter }) => adapter.survives)]);
  }
  assert.equal(figures[0][0], 'my-lora');
  assert.ok(figures[0][1].every((share) => share > 0 && share < 1));
  assert.deepEqual(figures[1], figures[0]);
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
