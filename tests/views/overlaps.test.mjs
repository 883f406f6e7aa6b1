// The view of several runs, on a report of the sample's first layer with overlaps made by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dropReport, openPage, openTab, openTensor, sampleLayer } from '../e2e/harness.mjs';

const RUN_MS = 180_000;
const Q = 'model.layers.0.self_attn.q_proj.weight';
const NORM = 'model.layers.0.input_layernorm.weight';
let opened;
let report;

before(
  async () => {
    opened = await openPage({
      before: (page) =>
        page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
    });
    report = await sampleLayer(opened.page);
  },
  { timeout: RUN_MS },
);
after(() => opened?.close());

/** 100 weights; 60, 50 and 40 changed; `rest` replaces fields. */
const entry = (name, rest) => ({
  name,
  runs: [0, 1, 2],
  parameters: 100,
  changed: [60, 50, 40],
  both: [
    [60, 40, 24],
    [40, 50, 20],
    [24, 20, 40],
  ],
  jaccard: [
    [1, 4 / 7, 6 / 19],
    [4 / 7, 1, 2 / 7],
    [6 / 19, 2 / 7, 1],
  ],
  jaccard_chance: [
    [0.429, 0.375, 0.316],
    [0.375, 0.333, 0.286],
    [0.316, 0.286, 0.25],
  ],
  mean_jaccard: 0.391,
  mean_jaccard_chance: 0.325,
  one_sided: [
    [1, 2 / 3, 0.4],
    [0.8, 1, 0.4],
    [0.6, 0.5, 1],
  ],
  exactly: [20, 24, 42, 14],
  exactly_chance: [0.12, 0.38, 0.38, 0.12],
  dot: [
    [4, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ],
  cosine: [
    [1, 0.5, null],
    [0.5, 1, null],
    [null, null, null],
  ],
  row_consensus: null,
  column_consensus: null,
  ...rest,
});

function withOverlaps() {
  const profile = (length) => ({
    length,
    values: Array.from({ length }, (_, i) => (i % 4) / 10),
    min: 0,
    median: 0.15,
    max: 0.3,
  });
  const {
    shape: [m, n],
  } = report.runs[0].tensors.find(({ name }) => name === Q);
  return {
    ...report,
    overlaps: [
      entry(Q, { row_consensus: profile(m), column_consensus: profile(n) }),
      entry(NORM, {
        runs: [0, 2],
        changed: [60, 40],
        jaccard: [
          [1, null],
          [null, 1],
        ],
        jaccard_chance: [
          [1, 0.3],
          [0.3, 1],
        ],
        one_sided: [
          [1, null],
          [null, 1],
        ],
        exactly: [40, 50, 10],
        exactly_chance: [0.4, 0.4, 0.2],
        cosine: [
          [1, null],
          [null, 1],
        ],
        mean_jaccard: null,
        mean_jaccard_chance: 0.3,
      }),
      entry(null),
    ],
  };
}

const drop = (content) => dropReport(opened.page, content);
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
const cells = (part, table) =>
  opened.page.$$eval(
    `#several [aria-labelledby=several-${part}] table[aria-label="${table}"] tr`,
    (rows) =>
      rows.map((row) =>
        [...row.children].map((cell) =>
          [...cell.childNodes]
            .map((node) => node.textContent)
            .join(' ')
            .trim(),
        ),
      ),
  );
async function select(name) {
  await openTensor(opened.page, name);
  await openTab(opened.page, 'compare');
  await opened.page.waitForFunction(
    (title) => document.getElementById('several-tensor')?.textContent === title,
    {},
    name,
  );
}

test('the model: tables of runs by runs beside chance, what is undefined as a dash', async () => {
  await opened.restart();
  await drop(withOverlaps());
  await opened.page.waitForSelector('#tab-compare', { visible: true });
  await openTab(opened.page, 'compare');
  assert.deepEqual(await cells('model', 'Jaccard index of the changed weights'), [
    ['Run', 'rlvr-1', 'rlvr-2', 'sft'],
    [
      'rlvr-1',
      '1.00',
      '0.571 independent 0.375 excess +0.196',
      '0.316 independent 0.316 excess −2.11e−4',
    ],
    [
      'rlvr-2',
      '0.571 independent 0.375 excess +0.196',
      '1.00',
      '0.286 independent 0.286 excess −2.86e−4',
    ],
    [
      'sft',
      '0.316 independent 0.316 excess −2.11e−4',
      '0.286 independent 0.286 excess −2.86e−4',
      '1.00',
    ],
  ]);
  assert.deepEqual((await cells('model', 'Cosine of Δ between runs'))[1], [
    'rlvr-1',
    '1.00',
    '0.500',
    '–',
  ]);
  // One level for all pairs stands once, below.
  assert.ok(
    (await texts('#several [aria-labelledby=several-model] .facts .beside')).some((text) =>
      text.includes('Random 0 ± 0.1:'),
    ),
  );
  assert.deepEqual((await cells('model', 'One-sided overlap'))[2], [
    'rlvr-2',
    '80.0\u00a0% independent 60.0\u00a0%',
    '100\u00a0%',
    '40.0\u00a0% independent 40.0\u00a0%',
  ]);
  assert.deepEqual(await texts('#several [aria-labelledby=several-model] .figure'), [
    '0.391',
    '14.0\u00a0%',
    '0.500',
  ]);
  for (const terms of await texts('#several .terms')) assert.match(terms, /BF16/);
  assert.match((await texts('#several .badges'))[0], /η = 0\.001.*independent of k and α/);
});

test('pairs of runs: letters at the sides, the excess as text and colour', async () => {
  const map = await opened.page.$$eval('#several-model ~ .pair-maps table', (all) =>
    all.map((table) => [
      table.getAttribute('aria-label'),
      ...[...table.querySelectorAll('tbody tr')].map((row) =>
        [...row.children].map((cell) => cell.textContent),
      ),
    ]),
  );
  assert.deepEqual(map, [
    [
      'The same weights: Jaccard index beyond independent runs',
      ['A rlvr-1', '', '+0.196', '−2.11e−4'],
      ['B rlvr-2', '+0.196', '', '−2.86e−4'],
      ['C sft', '−2.11e−4', '−2.86e−4', ''],
    ],
    [
      'The same direction: cosine of the updates',
      ['A rlvr-1', '', '0.500', '–'],
      ['B rlvr-2', '0.500', '', '–'],
      ['C sft', '–', '–', ''],
    ],
  ]);
  const colours = await opened.page.$$eval(
    '#several-model ~ .pair-maps table:first-of-type tbody tr:first-child td',
    (all) => all.map((cell) => cell.style.background),
  );
  assert.deepEqual(colours.slice(1, 3), ['var(--div-9)', 'var(--div-5)']);
});

test('consensus: bars that say their figures, and the same as a table', async () => {
  const chart = await opened.page.$eval(
    '#several-model ~ * svg[aria-label^="In how many runs"]',
    (svg) => [svg.getAttribute('aria-label'), svg.querySelectorAll('[aria-label=bar] rect').length],
  );
  assert.match(chart[0], /3: 14\.0\u00a0%, independent 12\.0\u00a0%$/);
  assert.equal(chart[1], 8);
  const rows = await opened.page.$$eval('#several-model ~ * details tbody tr', (all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  assert.deepEqual(rows.at(-1), ['3 runs', '14', '14.0\u00a0%', '12.0\u00a0%']);
});

test('the tensor of the detail view: profiles, reported figures, its runs', async () => {
  await select(Q);
  assert.equal((await texts('#several-tensor'))[0], Q);
  const captions = await texts(
    '#several [aria-labelledby=several-tensor] figure:not(.pairs) strong',
  );
  assert.deepEqual(captions, [
    'In how many runs a weight changed',
    'Changed in all 3 runs, by row',
    'Changed in all 3 runs, by column',
  ]);
  assert.match(
    (await texts('#several [aria-labelledby=several-tensor] .card'))[0],
    new RegExp(
      'published for q in block 13 of five RLVR runs: 0\\.580, independent runs 0\\.430, ' +
        'excess \\+0\\.150',
    ),
  );
  await select(NORM);
  assert.deepEqual(
    (await cells('tensor', 'Jaccard index of the changed weights')).map((row) => row.length),
    [3, 3, 3],
  );
  assert.match(
    (await texts('#several [aria-labelledby=several-tensor] > .note'))[0],
    /Only rlvr-1 and sft/,
  );
  const [jaccard, , cosine] = await texts('#several [aria-labelledby=several-tensor] .figure');
  assert.deepEqual([jaccard, cosine], ['–', '–']);
  await select('model.layers.0.self_attn.k_proj.weight');
  assert.match(
    (await texts('#several [aria-labelledby=several-tensor] .note'))[0],
    /Fewer than two runs/,
  );
});

test('module kinds stand beside their reported figures, as context', async () => {
  const rows = await cells('model', 'Mean Jaccard index by module kind');
  assert.deepEqual(rows.slice(1), [
    ['q', '0.391 independent 0.325 excess +0.0660', '0.580 independent 0.430 excess +0.150'],
  ]);
  assert.match(
    (await texts('#several-model ~ * .facts:has([aria-label^="Mean Jaccard"]) .beside'))[0],
    /context, not a verdict/,
  );
});

test('the heatmap has the figures of all runs together, beside chance', async () => {
  await opened.page.select('#metric', 'jaccard');
  const method = (await texts('[data-panel=heatmap] details')).join(' ');
  assert.match(method, /Of all runs together/);
  assert.match(method, /[Rr]eported for block 13 of five RLVR runs: q 0\.580 \(chance 0\.430\)/);
  const label = (cell) =>
    opened.page.$eval(`#heatmap [aria-label^="layer 0, ${cell}:"]`, (element) =>
      element.getAttribute('aria-label'),
    );
  assert.deepEqual(
    [await label('q'), await label('k')],
    ['layer 0, q: 0.391, independent runs: 0.325, 1.2× independent, exact', 'layer 0, k: no value'],
  );
  await opened.page.select('#metric', 'cosine');
  assert.match(await label('q'), /^layer 0, q: 0\.500, [a-z ]+: 0 ± 0\.1, /);
});

test('at 390 pixels the body does not scroll sideways', async () => {
  await openTab(opened.page, 'compare');
  await opened.page.setViewport({ width: 390, height: 844 });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('a report without overlaps opens and says so, and the metric falls back', async () => {
  const { overlaps: _, ...old } = report;
  await opened.page.select('#metric', 'jaccard');
  await drop(old);
  await opened.page.waitForFunction(
    () => document.querySelector('#metric').value === 'sparsity_bf16',
  );
  await openTab(opened.page, 'compare');
  assert.deepEqual(await texts('#several > .note'), [
    'The report does not say what its runs have in common.',
  ]);
  assert.equal(await opened.page.$('#several h4'), null);
  assert.equal(await opened.page.$eval('#metric', (element) => element.value), 'sparsity_bf16');
  assert.equal((await texts('#metric option')).filter((text) => /runs/.test(text)).length, 0);
});

test('nothing was logged, nothing failed, nothing went to another origin', () => {
  assert.deepEqual(opened.problems, []);
});
