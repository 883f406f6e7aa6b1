// A diagonal Fisher beside base and tuned: given, removed, handed to the analyser; and what a
// report with one shows.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { number, percent, times } from '../../www/report/format.js';
import { klByChance, linkFisher } from '../../www/report/fisher.js';
import { oneMatrix, safetensors, temporaryFolder, tensorsOf } from './checkpoints.mjs';
import {
  drop,
  dropReport,
  fromRoot,
  openDetail,
  openPage,
  openTab,
  openTensor,
  runScript,
  sampleLayer,
} from './harness.mjs';

const RUN_MS = 180_000;
const DOWN = 'model.layers.0.mlp.down_proj.weight';
/** A tensor whose Fisher has an entry that none can have. */
const WITHOUT_FISHER = 'model.layers.0.self_attn.v_proj.weight';
const FISHER_NOTE = '1 entries of its Fisher are NaN, infinite or negative';
const RUNS = fromRoot('tests', 'reference', 'fixtures', 'three_runs');
let opened;
let report;

before(
  async () => {
    opened = await openPage({
      before: async (page) => {
        await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
        // Keeps the options that each worker is opened with.
        await page.evaluateOnNewDocument(() => {
          window.workerOptions = [];
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function postMessage(data, ...rest) {
            if (data.method === 'open') window.workerOptions.push(data.args[0]);
            return post.call(this, data, ...rest);
          };
        });
      },
    });
  },
  { timeout: RUN_MS },
);
after(() => opened?.close());

const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
const given = () =>
  opened.page.evaluate(() => {
    const { fisher } = window.workerOptions.at(-1) ?? {};
    return fisher
      ? { name: fisher.name, files: fisher.files.map(({ name, blob }) => [name, blob.size]) }
      : null;
  });
/** Waits until more workers than this number were opened. */
const waitForWorkers = (count) =>
  opened.page.waitForFunction((least) => window.workerOptions.length > least, {}, count);
const countWorkers = () => opened.page.evaluate(() => window.workerOptions.length);

test('a file dropped on its zone goes to the analyser, and can be removed', async (t) => {
  const folder = temporaryFolder(t);
  const [base, tuned] = ['base', 'tuned'].map((name) =>
    path.join(folder.add(name, { 'model.safetensors': oneMatrix() }), 'model.safetensors'),
  );
  await (await opened.page.$('#base-input')).uploadFile(base);
  await (await opened.page.$('#tuned-input-1')).uploadFile(tuned);
  await opened.page.waitForFunction(() => document.querySelector('#found-title')?.offsetParent);
  assert.equal(await given(), null);

  const file = folder.path('exp_avg_sq.safetensors');
  writeFileSync(file, oneMatrix());
  let earlier = await countWorkers();
  await drop(opened.page, '.zone.fisher', [file]);
  await waitForWorkers(earlier);
  assert.deepEqual(await given(), {
    name: 'exp_avg_sq',
    files: [['exp_avg_sq.safetensors', oneMatrix().length]],
  });
  assert.match((await texts('.zone.fisher .zone-content'))[0], /^exp_avg_sq 1 file, /);

  earlier = await countWorkers();
  await opened.page.click('.zone.fisher [aria-label^="Remove"]');
  await waitForWorkers(earlier);
  assert.equal(await given(), null);
  assert.equal(
    await opened.page.$eval('.zone.fisher', (zone) => zone.classList.contains('filled')),
    false,
  );
  // The files go with this test: what was asked of them has to be read by then.
  await opened.page.evaluate(() => window.gatescope.inspect());
});

test('two folders are no Fisher', async (t) => {
  const folder = temporaryFolder(t);
  await drop(
    opened.page,
    '.zone.fisher',
    ['one', 'two'].map((name) => folder.add(name, { 'model.safetensors': oneMatrix() })),
  );
  await opened.page.waitForSelector('#problem', { visible: true });
  assert.match(
    (await texts('#problem'))[0],
    /^One Fisher serves all runs, but 2 folders hold weights/,
  );
  assert.equal(
    await opened.page.$eval('.zone.fisher', (zone) => zone.classList.contains('filled')),
    false,
  );
});

test('a script names it and gives its files', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(
    folder.add('adam', { 'model.safetensors': oneMatrix() }),
    'model.safetensors',
  );
  const earlier = await countWorkers();
  const selector = await opened.page.evaluate(() => window.gatescope.addFisher('second moments'));
  await (await opened.page.$(selector)).uploadFile(file);
  await waitForWorkers(earlier);
  assert.equal((await given()).name, 'second moments');
});

/** A Fisher of the sample's first layer. */
function fisherOfLayer(folder) {
  const shards = readdirSync(fromRoot('samples', 'base')).filter((name) =>
    name.endsWith('.safetensors'),
  );
  const shapes = Object.entries(
    Object.assign({}, ...shards.map((name) => tensorsOf(fromRoot('samples', 'base', name)))),
  ).filter(([name]) => name.includes('.layers.0.'));
  const entry = (name) => (_, i) =>
    name === WITHOUT_FISHER && i === 3 ? -1 : 1e-6 * (1 + ((i * i) % 7));
  const file = folder.path('exp_avg_sq.safetensors');
  writeFileSync(
    file,
    safetensors(
      Object.fromEntries(
        shapes.map(([name, { shape }]) => [
          name,
          { shape, data: Array.from({ length: shape.reduce((a, b) => a * b) }, entry(name)) },
        ]),
      ),
    ),
  );
  return file;
}

test(
  'a report with a Fisher: card, heatmap, detail and table, each beside chance',
  { timeout: RUN_MS },
  async (t) => {
    await opened.restart();
    report = await sampleLayer(opened.page, { fisher: fisherOfLayer(temporaryFolder(t)) });
    const [first] = linkFisher(structuredClone(report)).runs;
    await opened.page.waitForSelector('#tab-precision', { visible: true });
    await openTab(opened.page, 'precision');
    await opened.page.waitForFunction(() =>
      [...document.querySelectorAll('.tab-panel h3')].some((element) =>
        element.textContent.startsWith('KL by the Fisher'),
      ),
    );
    const card = (await texts('.tab-panel .card')).find((text) =>
      text.startsWith('KL by the Fisher'),
    );
    assert.ok(card.includes(number(first.model.kl_quadratic)), card);
    assert.match(
      card,
      new RegExp(
        '× random .* of the Fisher lies on changed weights, random ' +
          '.*the largest part in [a-z]+: .*, random .*Fisher: exp_avg_sq · 11 tensors',
      ),
    );
    assert.match((await texts('.conditions'))[0], / · Fisher: exp_avg_sq$/);
    await openTab(opened.page, 'method');
    assert.ok(
      (await texts('.method details')).includes(
        `Without importance weights: 1 of 12 tensors${WITHOUT_FISHER} ${FISHER_NOTE}`,
      ),
    );

    const tensor = first.tensors.find(({ name }) => name === DOWN);
    const label = () =>
      opened.page.$eval('#heatmap [aria-label^="layer 0, down:"]', (element) =>
        element.getAttribute('aria-label'),
      );
    await opened.page.select('#metric', 'kl_quadratic');
    assert.ok(
      (await label()).startsWith(
        `layer 0, down: ${number(tensor.fisher.kl_quadratic)}, random update of the same ` +
          `size: ${number(klByChance(tensor))}, `,
      ),
      await label(),
    );
    await opened.page.select('#metric', 'kl_share');
    assert.ok(
      (await label()).startsWith(
        `layer 0, down: ${percent(tensor.fisher.kl_share)}, random update of the same ` +
          `size: ${percent(tensor.fisher.weights_share)}, `,
      ),
      await label(),
    );
    assert.equal(
      await opened.page.$eval('#heatmap [aria-label^="layer 0, v:"]', (element) =>
        element.getAttribute('aria-label'),
      ),
      'layer 0, v: no value',
    );

    await openTensor(opened.page, DOWN);
    await openDetail(opened.page, 'precision');
    const rows = await opened.page.$$eval(
      '#detail table[aria-label="Weighted by the Fisher"] tbody tr',
      (all) => all.map((row) => [...row.children].map((cell) => cell.textContent)),
    );
    assert.deepEqual(
      rows.map(([name]) => name),
      [
        '½ Σ F·Δ²',
        '× random',
        'share of the run’s ½ Σ F·Δ²',
        '√(Σ F·Δ²)',
        'Fisher on changed weights',
      ],
    );
    assert.deepEqual(rows[1].slice(1), [
      times(tensor.fisher.kl_quadratic / klByChance(tensor)),
      times(1),
    ]);
    assert.deepEqual(rows[4].slice(1), [
      percent(tensor.fisher.mass_on_changed),
      percent(tensor.fisher.chance),
    ]);

    await openTensor(opened.page, WITHOUT_FISHER);
    await openDetail(opened.page, 'precision');
    assert.ok((await texts('#detail .note')).includes(`Fisher: ${FISHER_NOTE}`));
    assert.equal(await opened.page.$('#detail table[aria-label="Weighted by the Fisher"]'), null);
    for (const column of ['kl_quadratic', 'kl_share', 'mass_on_changed']) {
      await opened.page.$eval(`[data-key="column ${column}"]`, (box) => box.checked || box.click());
      await opened.page.waitForSelector(`[data-column=${column}]`);
    }
  },
);

test('a report without one shows nothing of it, and the metric falls back', async () => {
  await opened.page.select('#metric', 'kl_enrichment');
  await dropReport(opened.page, {
    ...report,
    fisher: null,
    runs: report.runs.map((run) => ({
      ...run,
      tensors: run.tensors.map(({ fisher, fisher_note, ...tensor }) => tensor),
    })),
  });
  await opened.page.waitForFunction(
    () => document.querySelector('#metric').value === 'sparsity_bf16',
  );
  // The table is the last thing that is drawn.
  await opened.page.waitForFunction(() => !document.querySelector('[data-column=kl_share]'));
  assert.doesNotMatch(
    await opened.page.$eval('main', (main) => main.querySelector('.results').innerText),
    /Fisher|KL/,
  );
  assert.equal(
    (await texts('#metric optgroup')).length,
    (await opened.page.$$('#metric optgroup:not([label=Fisher])')).length,
  );
});

test(
  '`npm run analyze -- --fisher` gives the figures of every tensor that has one',
  { timeout: RUN_MS },
  async (t) => {
    const out = temporaryFolder(t).path('report.json');
    const { code, stderr } = await runScript('analyze.mjs', [
      '--base',
      path.join(RUNS, 'base'),
      '--tuned',
      path.join(RUNS, 'tuned-1'),
      '--fisher',
      path.join(RUNS, 'fisher.safetensors'),
      '--backend',
      'cpu',
      '--out',
      out,
      '--quiet',
    ]);
    assert.equal(code, 0, stderr);
    const found = JSON.parse(readFileSync(out, 'utf8'));
    assert.equal(found.fisher.name, 'fisher');
    const { tensors } = found.runs[0];
    assert.ok(tensors.some(({ fisher }) => fisher?.kl_quadratic > 0));
    assert.ok(
      tensors.every(({ fisher, fisher_note: note }) => (fisher === null) !== (note === null)),
    );
  },
);

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
