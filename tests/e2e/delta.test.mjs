// A sparse delta in place of a tuned checkpoint: it is said to be one, and one step, before its
// figures; and without the base.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { number, percent, times } from '../../www/report/format.js';
import {
  attentionLayer,
  primeRlDelta,
  safetensors,
  temporaryFolder,
  trlDelta,
} from './checkpoints.mjs';
import { drop, openDetail, openPage, openTab, openTensor, runScript } from './harness.mjs';

const Q = 'model.layers.0.self_attn.q_proj.weight';
let opened;

before(async () => {
  opened = await openPage();
});
after(() => opened?.close());

const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));

test('a delta of TRL: what it lists and its files tell, no range of whole runs', async (t) => {
  const folder = temporaryFolder(t);
  await drop(opened.page, '.zone', [
    folder.add('base', { 'model.safetensors': safetensors(attentionLayer(), 'BF16') }),
  ]);
  await drop(opened.page, '.tuned .zone', [
    folder.add('step-4', { 'delta.safetensors': trlDelta(Q, [0, 5, 700], [1, -1, 0.5], 4) }),
  ]);
  await opened.page.waitForSelector('#run', { visible: true });
  assert.ok((await texts('table.plain tbody th')).includes('step-4delta'));
  const report = JSON.parse(
    await opened.page.evaluate(() => window.gatescope.run({ k: 4, alphas: [0.3] })),
  );
  await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
  assert.equal(report.runs[0].tensors.find(({ name }) => name === Q).precision.unchanged, 1021);
  assert.match(
    (await texts('#delta-note'))[0],
    /^A sparse delta \(trl, up to version 4\) that lists 3 weights\. /,
  );
  assert.match((await texts('#comparison-note'))[0], /^One step of a run/);
  assert.match((await texts('.conditions'))[0], / · one step of a run$/);
  await openTab(opened.page, 'precision');
  assert.ok(await opened.page.$('.by-run svg'));
  assert.equal(await opened.page.$('.by-run svg rect'), null);
});

/**
 * Steps 8 and 9 of a run: of 32 × 32 weights the first changes row 1 and three others, the second
 * two of these and another.
 */
const ROW = Array.from({ length: 32 }, (_, i) => i);
const steps = (folder) =>
  [
    [8, [...ROW, 40, 700, 900]],
    [9, [40, 700, 901]],
  ].map(([step, places]) =>
    folder.add(
      `step-${step}`,
      primeRlDelta(
        Q,
        [32, 32],
        places,
        places.map((place) => Math.cos(place)),
        step,
      ),
    ),
  );

test(
  'a whole checkpoint without its base is not an error, but what is needed is said at the base’s ' +
    'zone',
  async (t) => {
    const folder = temporaryFolder(t);
    await opened.restart();
    await drop(opened.page, '.tuned .zone', [
      folder.add('tuned', { 'model.safetensors': safetensors(attentionLayer(), 'BF16') }),
    ]);
    await opened.page.waitForSelector('.zone .needs', { visible: true });
    assert.match(
      (await texts('.zone .needs'))[0],
      /^tuned: it is a whole checkpoint, and there is no base: .*\.$/,
    );
    assert.deepEqual(
      [
        await opened.page.$eval('#problem', (element) => element.hidden),
        await opened.page.$eval('#run', (element) => element.checkVisibility()),
      ],
      [true, false],
    );
    await assert.rejects(
      opened.page.evaluate(() => window.gatescope.inspect()),
      /whole checkpoint/,
    );
    await drop(opened.page, '.zone', [
      folder.add('base', { 'model.safetensors': safetensors(attentionLayer(0, 0.06), 'BF16') }),
    ]);
    await opened.page.waitForSelector('#run', { visible: true });
    assert.equal(await opened.page.$('.zone .needs'), null);
    // Taken away again, it is needed again.
    await opened.page.$eval('[aria-label="Remove Base checkpoint"]', (element) => element.click());
    await opened.page.waitForSelector('.zone .needs', { visible: true });
  },
);

test('a damaged delta without its base is an error', async (t) => {
  await opened.restart();
  const file = trlDelta(Q, [0, 5, 700], [1, -1, 0.5], 4);
  await drop(opened.page, '.tuned .zone', [
    temporaryFolder(t).add('step-4', { 'delta.safetensors': file.subarray(0, file.length - 2) }),
  ]);
  await opened.page.waitForFunction(() => !document.querySelector('#problem').hidden);
  assert.match(
    (await texts('#problem'))[0],
    new RegExp(
      'delta\\.safetensors: its header describes \\d+ bytes of data, but the file has \\d+: ' +
        'it is truncated or damaged',
    ),
  );
  assert.equal(await opened.page.$('.zone .needs'), null);
});

test(
  'two deltas that tell shapes, without their base: shares and stripes beside chance, and what ' +
    'they have in common',
  async (t) => {
    await opened.restart();
    await drop(opened.page, '.tuned .zone', steps(temporaryFolder(t)));
    await opened.page.waitForSelector('#run', { visible: true });
    assert.deepEqual(await texts('table.plain tbody th'), ['step-8delta', 'step-9delta']);
    assert.deepEqual(
      await opened.page.$$eval('#set-k, #set-alpha, #set-eta, #set-layers', (all) =>
        all.map((element) => element.checkVisibility()),
      ),
      [false, false, false, true],
    );
    await opened.page.click('#run');
    await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
    const density = 35 / 1024;
    assert.match(
      (await texts('.conditions'))[0],
      new RegExp(
        '^step-8 without its base: 1 tensor, 1\\.02\u00a0k parameters, ' +
          '.*changed weights as the delta lists them · BF16 · one step of a run$',
      ),
    );
    assert.match(
      (await texts('#delta-note'))[0],
      new RegExp(
        '^A sparse delta \\(prime-rl-sparse-update, version 7 to 8\\) without its base ' +
          'that lists 35 weights\\. Which weights changed is known',
      ),
    );
    assert.deepEqual(
      [(await texts('.card h3'))[0], (await texts('.card .figure'))[0]],
      ['Changed, as the delta lists', percent(density)],
    );
    assert.deepEqual(await texts('#metric option'), [
      'Changed, as the delta lists',
      'Weights that the delta lists',
      'Row stripes',
      'Column stripes',
      'Jaccard of the runs (mean)',
      'Jaccard of the runs, less chance',
    ]);
    assert.ok(
      (
        await opened.page.$eval('#heatmap [role=gridcell]', (element) =>
          element.getAttribute('aria-label'),
        )
      ).startsWith(
        `layer 0, q: ${percent(density)}, random update of the same size: ` +
          `${percent(density)}, ${times(1)} random`,
      ),
    );
    await openTensor(opened.page, Q);
    await openDetail(opened.page, 'overview');
    assert.match(
      (await texts('#detail .about'))[0],
      /32 × 32, 1\u202f024 weights, 35 listed as changed/,
    );
    assert.match((await texts('#detail .note'))[0], /^There is no base: /);
    assert.deepEqual(
      await texts('#detail section[aria-label="As the delta lists"] figcaption strong'),
      ['Changed weights by row', 'Changed weights by column', 'Map of changed weights'],
    );
    // 2 of 36 weights in both; by chance p·q over p + q − p·q.
    const [p, q] = [density, 3 / 1024];
    const chance = (p * q) / (p + q - p * q);
    await openTab(opened.page, 'compare');
    await opened.page.waitForSelector('#several h4');
    const several = '#several [aria-labelledby=several-model]';
    assert.deepEqual(await texts(`${several} .figure`), [number(2 / 36), percent(2 / 1024)]);
    assert.ok(
      (await texts(`${several} .card .beside`)).includes(
        `independent runs ${number(chance)}, excess +${number(2 / 36 - chance)}`,
      ),
    );
    assert.deepEqual(
      await opened.page.$$eval(`${several} table.plain[aria-label]`, (all) =>
        all.map((element) => element.getAttribute('aria-label')),
      ),
      ['Jaccard index of the changed weights', 'One-sided overlap'],
    );
    assert.deepEqual(
      [
        await texts('#several-title'),
        await texts('#tab-compare'),
        await texts('#several .badges span'),
      ],
      [['Steps 8 and 9'], ['Compare steps'], ['changed as the deltas list']],
    );
    assert.match(
      (await texts('#several > .about'))[0],
      new RegExp(
        '^Do the steps change the same weights\\? .*each follows the one before; ' +
          'that they are of one run can’t be told from the files\\.',
      ),
    );
    await opened.page.setViewport({ width: 390, height: 844 });
    assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
    await opened.page.setViewport({ width: 1440, height: 900 });
  },
);

test('a delta of TRL alone has counts, and no shares of what it does not tell', async (t) => {
  await opened.restart();
  await drop(opened.page, '.tuned .zone', [
    temporaryFolder(t).add('step-4', {
      'delta.safetensors': trlDelta(Q, [0, 5, 700], [1, -1, 0.5], 4),
    }),
  ]);
  await opened.page.waitForSelector('#run', { visible: true });
  await opened.page.click('#run');
  await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
  assert.match(
    (await texts('.conditions'))[0],
    /^step-4 without its base: 1 tensor, shapes unknown, /,
  );
  assert.deepEqual(
    [await texts('.card h3'), await texts('.card .figure')],
    [['Weights that the delta lists'], ['3']],
  );
  assert.deepEqual(await texts('#metric option'), ['Weights that the delta lists']);
  await openTensor(opened.page, Q);
  assert.match(
    (await texts('#detail .about'))[0],
    /the delta does not give its shape, 3 listed as changed/,
  );
  await openDetail(opened.page, 'values');
  assert.equal((await opened.page.$$('#detail-panel tbody tr')).length, 1);
});

test(
  'the base taken away after a report: deltas are then read alone, and a Fisher without a base ' +
    'is refused',
  async (t) => {
    const folder = temporaryFolder(t);
    const base = folder.add('base', { 'model.safetensors': safetensors(attentionLayer(), 'BF16') });
    await opened.restart();
    await drop(opened.page, '.zone', [base]);
    await drop(opened.page, '.tuned .zone', steps(folder).slice(0, 1));
    await opened.page.waitForSelector('#run', { visible: true });
    await opened.page.evaluate(() => window.gatescope.run({ k: 4, alphas: [0.3] }));
    await opened.page.waitForSelector('#new', { visible: true });
    await opened.page.click('#new');
    await opened.page.waitForSelector('#run', { visible: true });
    await opened.page.click('[aria-label="Remove Base checkpoint"]');
    await opened.page.waitForFunction(() =>
      [...document.querySelectorAll('p')].some(
        (element) => element.checkVisibility() && /^No base: /.test(element.textContent),
      ),
    );
    await opened.page.click('#run');
    await opened.page.waitForFunction(
      () =>
        document.querySelector('#delta-note')?.checkVisibility() &&
        / without its base /.test(document.querySelector('#delta-note').textContent),
    );
    await opened.page.click('#new');
    await drop(opened.page, '.zone.fisher', [
      folder.add('exp_avg_sq', { 'exp_avg_sq.safetensors': safetensors(attentionLayer()) }),
    ]);
    await opened.page.waitForSelector('.zone .needs', { visible: true });
    assert.match(
      (await texts('.zone .needs'))[0],
      /^exp_avg_sq: a Fisher weighs .*: give the base, or leave the Fisher out\.$/,
    );
  },
);

test('`npm run analyze` without --base: deltas alone; a plain sentence for others', async (t) => {
  const folder = temporaryFolder(t);
  const out = folder.path('report.json');
  const run = (...tuned) =>
    runScript('analyze.mjs', ['--tuned', ...tuned, '--out', out, '--quiet']);
  const { code, stderr } = await run(...steps(folder));
  assert.equal(code, 0, stderr);
  const { base, runs } = JSON.parse(readFileSync(out, 'utf8'));
  assert.deepEqual(
    [base, runs.map(({ checkpoint, model }) => [checkpoint.name, model.listed.changed])],
    [
      null,
      [
        ['step-8', 35],
        ['step-9', 3],
      ],
    ],
  );
  const refused = await run(
    folder.add('tuned', { 'model.safetensors': safetensors(attentionLayer(), 'BF16') }),
  );
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /tuned: it is a whole checkpoint, and there is no base/);
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
