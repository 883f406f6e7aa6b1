// Figures along the spectrum, against k, beside a random update and by head, and maps, of the
// sample's first layer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { degrees, formatError, number, percent, times, within } from '../../www/report/format.js';
import {
  decodeMap,
  cellRange,
  cellWeights,
  decodeShare,
  decodeMagnitude,
  weightedDeviation,
  deviationByChance,
} from '../../www/report/maps.js';
import { blockChance } from '../../www/report/spectrum.js';
import {
  dropReport,
  openDetail,
  openPage,
  openTab,
  openTensor,
  runLayer,
  sampleLayer,
} from '../e2e/harness.mjs';

const RUN_MS = 180_000;
const Q = 'model.layers.0.self_attn.q_proj.weight';
const DOWN = 'model.layers.0.mlp.down_proj.weight';
const NORM = 'model.layers.0.input_layernorm.weight';
const PARTS = ['Where the update lies', 'On the matrix', 'Attention heads'];
let opened;
let report;
/** The same, its larger matrices estimated. */
let estimated;

before(
  async () => {
    opened = await openPage({
      before: (page) =>
        page.emulateMediaFeatures([
          { name: 'prefers-reduced-motion', value: 'reduce' },
          { name: 'prefers-color-scheme', value: 'light' },
        ]),
    });
    estimated = await sampleLayer(opened.page, { exact_limit: 1 });
    report = await runLayer(opened.page, { exact_limit: 512 });
    await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
  },
  { timeout: RUN_MS },
);
after(() => opened?.close());

let shown = 0;
/** Drops a report and waits until it is the one in view, which the base's name tells. */
async function show(content) {
  shown += 1;
  await dropReport(opened.page, { ...content, base: { ...content.base, name: `base ${shown}` } });
  await opened.page.waitForFunction(
    (name) =>
      document.querySelector('.conditions').textContent.startsWith(`${name} →`) &&
      document.querySelector('.tensor-grid .row'),
    {},
    `base ${shown}`,
  );
}
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
const tensor = (name) => report.runs[0].tensors.find((entry) => entry.name === name);
const part = (name) => `#detail section[aria-label="${name}"]`;
const parts = () =>
  opened.page.$$eval('#detail section', (all) =>
    all.map((element) => element.getAttribute('aria-label')),
  );
const select = (name) => openTensor(opened.page, name);
const tab = (id) => openDetail(opened.page, id);
const table = (title) =>
  opened.page.$$eval(`#detail table[aria-label="${title}"] tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
/** What is written below a chart of the detail view. */
const beside = (title) =>
  opened.page.$$eval(
    '#detail figure',
    (all, wanted) =>
      all
        .find((element) => element.querySelector('strong').textContent === wanted)
        .querySelector('.beside').textContent,
    title,
  );
/** Cells of a table against k, a figure and its chance level in two lines each. */
const against = (title) =>
  opened.page.$$eval(`#detail table[aria-label="${title}"] tbody tr`, (rows) =>
    rows.map((row) =>
      [...row.children].map((cell) =>
        [...cell.childNodes].map((node) => node.textContent).join('; '),
      ),
    ),
  );
const dashes = (chart) =>
  opened.page.$$eval(`#detail svg[aria-label="${chart}"] [aria-label=line] path`, (all) =>
    all
      .filter((element) => element.closest('[stroke-dasharray]'))
      .map((element) => element.getAttribute('d')),
  );
const pixel = (title, cell) =>
  opened.page.evaluate(
    (wanted, at) => {
      const figure = [...document.querySelectorAll('figure')].find(
        (element) => element.querySelector('strong').textContent === wanted,
      );
      const canvas = figure.querySelector('canvas');
      // Read from a copy: the page's own canvas is not made for it, and the browser would say so.
      const copy = Object.assign(document.createElement('canvas'), {
        width: 1,
        height: 1,
      }).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, -(at % canvas.width), -Math.floor(at / canvas.width));
      return [...copy.getImageData(0, 0, 1, 1).data];
    },
    title,
    cell,
  );

test('energy along the spectrum: each block beside its chance level', async () => {
  await select(Q);
  await tab('location');
  const {
    geometry: { along_spectrum: along },
    shape,
  } = tensor(Q);
  const titles = await texts(
    `${part(PARTS[0])} svg[aria-label="Energy of the update along the spectrum"] title`,
  );
  const chance = blockChance(along.edges, shape);
  assert.equal(titles.length, 3 * along.edges.length);
  const last = along.edges.length - 1;
  assert.ok(
    titles.includes(
      `directions 5–8, both: ${percent(along.core[last][last])} (random ` +
        `${percent(chance.both[last])})`,
    ),
    titles.join('\n'),
  );
  assert.ok(
    titles.includes(
      `directions 1, left: ${percent(along.left[0])} (random ${percent(chance.left[0])})`,
    ),
  );
});

test('the same figures against k, and a rank that is not resolved is told', async () => {
  // No rank of the sample is unresolved: one is made so.
  const unresolved = structuredClone(report);
  const {
    geometry: { sweep },
  } = unresolved.runs[0].tensors.find(({ name }) => name === Q);
  Object.assign(sweep[1], { gap: 1e-9, resolved: false });
  await show(unresolved);
  await select(Q);
  await tab('location');
  const shares = await texts(
    `${part(PARTS[0])} svg[aria-label="Principal energy against k"] title`,
  );
  assert.ok(
    shares.includes(
      `k = ${sweep[0].k}, right: ` +
        `${within(percent, 1 - sweep[0].off_principal_right, sweep[0].shares_uncertainty)} ` +
        `(random ${percent(1 - sweep[0].chance.right)}): ` +
        `${times((1 - sweep[0].off_principal_right) / (1 - sweep[0].chance.right))} random`,
    ),
    shares.join('\n'),
  );
  const angles = await texts(`${part(PARTS[0])} svg[aria-label="Rotation against k"] title`);
  assert.equal(angles.length, 2 * sweep.length);
  const { rotation_max: level, rotation_max_deviation: deviation } = sweep[1].chance;
  assert.ok(
    angles.includes(
      `k = 2, largest: ${degrees(sweep[1].rotation_max)} (random ${degrees(level)} ± ` +
        `${formatError(degrees, deviation)}); gap ${number(sweep[1].gap)}, not resolved`,
    ),
    angles.join('\n'),
  );
  assert.match(await beside('Rotation against k'), /^Not resolved at k = 2, where/);
  assert.equal((await against('Values of the subspaces against k'))[1][5], 'not resolved');
  const hollow = await opened.page.$$eval(
    `${part(PARTS[0])} svg[aria-label="Rotation against k"] circle`,
    (all) => all.filter((element) => element.getAttribute('r') === '4').length,
  );
  assert.equal(hollow, 2);
  await show(report);
});

test(
  'the overlap with the principal mask against k, as a chart and as a table, each beside the ' +
    'density of the mask',
  async () => {
    await select(Q);
    await tab('masks');
    const { sweep } = tensor(Q).masks[0];
    assert.deepEqual(
      sweep.map(({ k }) => k),
      [1, 2, 4, 8],
    );
    const title = 'Principal mask against k, α\u00a0=\u00a00.3';
    const titles = await texts(`${part('Against k')} svg[aria-label="${title}"] title`);
    for (const { k, principal, principal_not_low: rest } of sweep) {
      assert.ok(
        titles.includes(
          `k = ${k}, principal: ${percent(principal.overlap)} (random ` +
            `${percent(principal.chance)})`,
        ),
        titles.join('\n'),
      );
      assert.ok(
        titles.includes(
          `k = ${k}, principal and not low: ${percent(rest.overlap)} (random ` +
            `${percent(rest.chance)})`,
        ),
      );
    }
    assert.equal((await dashes(title)).length, 2);
    await tab('location');
    assert.deepEqual(
      await against('Changed weights in masks against k, α = 0.3'),
      sweep.map(({ k, ...masks }) => [
        String(k),
        ...['principal', 'principal_not_low', 'safe'].map(
          (kind) => `${percent(masks[kind].overlap)}; random ${percent(masks[kind].chance)}`,
        ),
      ]),
    );
  },
);

test(
  'every angle beside its chance level: in the curves, in words, in the tables, against k and ' +
    'by head',
  async () => {
    await select(Q);
    await tab('rotation');
    const { geometry, heads } = tensor(Q);
    const { chance, sweep } = geometry;
    const error = formatError(degrees, chance.rotation_max_deviation);
    const largest = `${degrees(chance.rotation_max)} ± ${error}`;
    assert.equal(chance.draws, 8);
    for (const chart of ['Principal angles, left and right', 'Rotation of each singular vector'])
      assert.equal((await dashes(chart)).length, 2, chart);
    const angles = await beside('Principal angles');
    assert.ok(
      angles.startsWith(
        `Largest ${degrees(geometry.rotation_max)} (random ${largest}), median ` +
          `${degrees(geometry.rotation_median)} (random ${degrees(chance.rotation_median)}); `,
      ),
      angles,
    );
    assert.match(
      angles,
      new RegExp(
        'Random: mean of 8 seeded draws of an update of the same size, first order, ' +
          '± the standard deviation over draws\\.$',
      ),
    );
    const doubts = geometry.vector_rotation_uncertainty;
    assert.ok(
      (await beside('Rotation of each singular vector')).includes(
        ` Uncertainty ${degrees(Math.min(...doubts))} to ${degrees(Math.max(...doubts))}.`,
      ),
    );
    assert.match(
      await beside('Rotation of each singular vector'),
      /Dashed: a random update of the same size, first order\.$/,
    );
    assert.deepEqual(
      (await table('Beside a random update of the same size')).filter(([name]) =>
        / angle$/.test(name),
      ),
      [
        [
          'largest angle',
          degrees(geometry.rotation_max),
          largest,
          times(geometry.rotation_max / chance.rotation_max),
        ],
        [
          'median angle',
          degrees(geometry.rotation_median),
          degrees(chance.rotation_median),
          times(geometry.rotation_median / chance.rotation_median),
        ],
      ],
    );
    await tab('location');
    assert.equal((await dashes('Rotation against k')).length, 2);
    const cells = (await against('Values of the subspaces against k')).map((row) => [
      row[0],
      row[4],
      row[5],
    ]);
    assert.deepEqual(
      cells,
      sweep.map((point) => [
        String(point.k),
        `${number(point.nss_top_k)}; random ${number(point.chance.nss_top_k)}`,
        `${degrees(point.rotation_max)}; random ${degrees(point.chance.rotation_max)} ± ` +
          `${formatError(degrees, point.chance.rotation_max_deviation)}`,
      ]),
    );
    await tab('heads');
    const bars = await texts(`${part(PARTS[2])} svg title`);
    for (const [field, format] of [
      ['rotation', degrees],
      ['nss', number],
    ]) {
      heads[field].forEach((value, head) =>
        assert.ok(
          bars.some((text) =>
            text.startsWith(
              `head ${head}: ${format(value)} (random ` +
                `${format(heads[`${field}_chance`][head])}), mean of`,
            ),
          ),
          bars.join('\n'),
        ),
      );
    }
    assert.deepEqual(
      await opened.page.$$eval(`${part(PARTS[2])} svg`, (all) =>
        all.map((svg) => svg.querySelectorAll('g[stroke="var(--series-2)"] line').length),
      ),
      [0, heads.count, heads.count],
    );
    await opened.page.select('#metric', 'rotation_max');
    const label = await opened.page.$eval('#heatmap [aria-label^="layer 0, q_proj:"]', (element) =>
      element.getAttribute('aria-label'),
    );
    assert.ok(
      label.startsWith(`layer 0, q_proj: ${degrees(geometry.rotation_max)}`) &&
        label.includes(`, random update of the same size: ${largest}, `),
      label,
    );
  },
);

test('shares and the shift of the leading values say how sure they are', async () => {
  const { geometry } = tensor(Q);
  await tab('values');
  const rows = await opened.page.$$eval('#detail-panel tbody tr', (all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  const valuesOf = (name) => rows.find(([label]) => label === name).slice(1);
  assert.deepEqual(valuesOf('Off-principal share'), [
    within(percent, geometry.off_principal_share, geometry.shares_uncertainty),
    `random ${percent(geometry.chance.both)}`,
  ]);
  assert.deepEqual(valuesOf('NSS of the top k'), [
    within(number, geometry.nss_top_k, geometry.nss_top_k_uncertainty),
    `random ${number(geometry.chance.nss_top_k)}`,
  ]);
  await tab('location');
  assert.ok(
    (await beside('Principal energy against k')).endsWith(
      `Shares at k = 8 are ± ${formatError(percent, geometry.shares_uncertainty)}.`,
    ),
  );
});

test('without a gap there is no random baseline, which is said', async () => {
  const equal = structuredClone(report);
  const { geometry, heads } = equal.runs[0].tensors.find(({ name }) => name === Q);
  const setNull = (figures, fields) =>
    fields.forEach((field) => {
      figures[field] = null;
    });
  setNull(geometry.chance, [
    'angles_left',
    'angles_right',
    'rotation_max',
    'rotation_max_deviation',
    'rotation_median',
  ]);
  geometry.chance.vectors_left.fill(null);
  geometry.chance.vectors_right.fill(null);
  setNull(geometry.sweep.at(-1).chance, [
    'rotation_max',
    'rotation_max_deviation',
    'rotation_median',
  ]);
  heads.rotation_chance[1] = null;
  await show(equal);
  await select(Q);
  await tab('rotation');
  for (const chart of ['Principal angles, left and right', 'Rotation of each singular vector'])
    assert.equal((await dashes(chart)).length, 0, chart);
  assert.match(
    await beside('Principal angles'),
    /There is no random baseline, because there is no gap at k\.$/,
  );
  const ofVectors = await beside('Rotation of each singular vector');
  assert.match(ofVectors, / None for (\d+) of \1 vectors, /);
  assert.doesNotMatch(ofVectors, /Dashed/);
  const [, , level] = (await table('Beside a random update of the same size')).find(
    ([name]) => name === 'largest angle',
  );
  assert.equal(level, '–');
  await tab('location');
  assert.match(
    await beside('Rotation against k'),
    /No random baseline at k = 8, where there is no gap\./,
  );
  assert.match(
    (await against('Values of the subspaces against k'))[3][5],
    /°; no random baseline$/,
  );
  await tab('heads');
  assert.match(await beside('Rotation by head, k = 8'), /1 of 6 heads have no random baseline/);
  await show(report);
});

test('heads of queries, keys and values in one tensor are called by what they are', async () => {
  const fused = structuredClone(report);
  fused.runs[0].tensors.find(({ name }) => name === Q).heads.labels = [
    'q0',
    'q1',
    'q2',
    'q3',
    'k0',
    'v0',
  ];
  await show(fused);
  await select(Q);
  await tab('heads');
  const bars = await texts(`${part(PARTS[2])} svg title`);
  for (const name of ['q3', 'k0', 'v0'])
    assert.equal(bars.filter((text) => text.startsWith(`head ${name}: `)).length, 3, name);
  assert.ok(!bars.some((text) => /^head \d/.test(text)), bars.join('\n'));
  assert.ok((await texts(`${part(PARTS[2])} svg:first-of-type text`)).includes('k0'));
  await show(report);
});

test('the run against k: means over its matrices, each beside its chance level', async () => {
  await openTab(opened.page, 'sensitivity');
  const { sweep } = report.runs[0].model;
  const [
    {
      k,
      matrices,
      spectral,
      principal: [mask],
    },
  ] = sweep.slice(-1);
  const titlesOf = (chart) => texts(`#run-sweep svg[aria-label="${chart}"] title`);
  const energy = 1 - spectral.off_principal_share.mean;
  const random = 1 - spectral.off_principal_chance.mean;
  for (const [chart, format, value, level] of [
    ['Principal energy against k', percent, energy, random],
    [
      'Largest rotation against k',
      degrees,
      spectral.rotation_max.mean,
      spectral.rotation_max_chance.mean,
    ],
    ['NSS of the top k against k', number, spectral.nss_top_k.mean, spectral.nss_top_k_chance.mean],
    ['Principal mask against k, α\u00a0=\u00a00.3', percent, mask.overlap, mask.chance],
  ]) {
    const titles = await titlesOf(chart);
    assert.equal(titles.length, report.runs.length * sweep.length, chart);
    const expected = `${times(value / level)} random (${format(level)})`;
    const wanted = `k = ${k}, A rlvr-1: ${format(value)}, ${expected}`;
    assert.ok(titles.includes(wanted), `${wanted}\n${titles.join('\n')}`);
  }
  assert.deepEqual(
    await texts('#run-sweep svg[aria-label="Principal energy against k"] .dot-letter'),
    ['A', 'B', 'C'],
    'each run’s curve ends in its letter',
  );
  assert.equal((await texts('#run-sweep tbody tr:last-child td:last-child'))[0], String(matrices));
});

test('precision has a row for each run in every chart, the same values in a table', async () => {
  await openTab(opened.page, 'precision');
  const shares = report.runs.map(({ model }) => percent(model.sparsity_bf16));
  assert.deepEqual(await texts('.by-run .chart:first-child .dot-letter'), ['A', 'B', 'C']);
  const label = await opened.page.$eval('.by-run svg', (svg) => svg.getAttribute('aria-label'));
  for (const [i, { checkpoint }] of report.runs.entries())
    assert.ok(label.includes(`${checkpoint.name} ${shares[i]}`), label);
  assert.deepEqual(await texts('.by-run tbody td:nth-child(2)'), shares);
});

test('principal energy has a log scale, on which a random update is far below', async () => {
  await openTab(opened.page, 'sensitivity');
  const ticks = await texts(
    '#run-sweep svg[aria-label="Principal energy against k"] [aria-label="y-axis tick ' +
      'label"] text',
  );
  assert.ok(
    ['0.01', '0.1', '1'].every((tick) => ticks.includes(tick)),
    ticks.join(', '),
  );
  assert.deepEqual(
    await texts(
      '#run-sweep svg[aria-label="Principal energy against k"] [aria-label="y-axis label"] text',
    ),
    ['↑ share of ‖Δ‖², %'],
  );
  // As of matrices of 4096 × 4096.
  const large = structuredClone(report);
  large.runs[0].model.sweep[0].spectral.off_principal_chance.mean = 1 - 4096 ** -2;
  await show(large);
  await openTab(opened.page, 'sensitivity');
  const deep = await texts(
    '#run-sweep svg[aria-label="Principal energy against k"] [aria-label="y-axis tick ' +
      'label"] text',
  );
  assert.ok(
    ['1e−4', '1'].every((tick) => deep.includes(tick)),
    deep.join(', '),
  );
  const cut = await opened.page.$$eval('#run-sweep svg', (all) =>
    all.flatMap((svg) =>
      [...svg.querySelectorAll('[aria-label="y-axis tick label"] text')]
        .filter(
          (element) => element.getBoundingClientRect().left < svg.getBoundingClientRect().left,
        )
        .map((element) => element.textContent),
    ),
  );
  assert.deepEqual(cut, []);
  await show(report);
  await openTab(opened.page, 'sensitivity');
  // At k = 1 the block is 1 of some 30 000 weights: the one random level of all runs is at the
  // foot, the updates of the sample far above it.
  const height = (path) => Number(/^M[\d.]+,([\d.]+)/.exec(path)[1]);
  const [levels, curves] = await opened.page.$$eval(
    '#run-sweep svg[aria-label="Principal energy against k"] [aria-label=line]',
    (all) =>
      all.map((group) => [...group.querySelectorAll('path')].map((path) => path.getAttribute('d'))),
  );
  assert.deepEqual([levels.length, curves.length], [1, 3]);
  assert.ok(height(levels[0]) - height(curves[0]) > 20, curves.join('; '));
});

test('a log scale has labels down to the level that it is read against', async () => {
  // As of a low rank: few values, all far above where a random update begins.
  const low = structuredClone(report);
  const { update } = low.runs[0].tensors.find(({ name }) => name === Q);
  update.spectrum = [0.6, 0.5, 0.5, 0.4].map((share) => share * update.frobenius_update);
  await show(low);
  await select(Q);
  await tab('overview');
  const ticks = (
    await texts(
      '#detail svg[aria-label="Singular values of the update"] [aria-label="y-axis tick ' +
        'label"] text',
    )
  ).map((text) => Number(text.replace('−', '-')));
  assert.ok(Math.min(...ticks) < update.spectrum.at(-1), `${ticks}; ${update.spectrum}`);
  await show(report);
});

test('ranks that not all matrices have are said to be so', async () => {
  await openTab(opened.page, 'sensitivity');
  assert.match(
    (await texts('#run-sweep .about'))[0],
    /^Mean over \d+ matrices at each k; compare only/,
  );
  const fewer = structuredClone(report);
  fewer.runs[0].model.sweep.at(-1).matrices -= 1;
  await show(fewer);
  await openTab(opened.page, 'sensitivity');
  assert.match(
    (await texts('#run-sweep .about'))[0],
    new RegExp('^Mean over \\d+ to \\d+ matrices at each k, those that have such a rank;'),
  );
  await show(report);
});

const PART = 'part of the model: 16.6 % of the weights of the base (394 k of 2.37 M), layer 0';

test(
  'the values at k have the settings that they depend on, and shares are percentages in every ' +
    'table',
  async () => {
    await openTab(opened.page, 'sensitivity');
    assert.deepEqual(
      (await texts('#at-k .terms')).map((text) => text.replace(/\s/g, ' ')),
      [`k = 8 · α = 0.3 · η = 0.001 · ${PART} · BF16 · exact`],
    );
    await select(Q);
    await tab('rotation');
    const { update } = tensor(Q);
    assert.deepEqual(
      (await table('Beside a random update of the same size'))
        .find(([name]) => name === 'Δ in its own top k')
        .slice(1, 3),
      [percent(update.share_top_k), percent(update.chance.share_top_k)],
    );
  },
);

test('what was unfolded, and the open tab, stay so from tensor to tensor', async () => {
  await select(Q);
  await tab('location');
  const folds = () =>
    opened.page.$$eval('#detail .explain', (all) => all.map((element) => element.open));
  const toggle = () =>
    opened.page.$$eval('#detail .explain summary', (all) => all.forEach((one) => one.click()));
  const closed = await folds();
  assert.ok(closed.length > 4 && closed.every((open) => !open));
  await toggle();
  await select(DOWN);
  assert.equal(
    await opened.page.$eval('#detail-location', (element) => element.ariaSelected),
    'true',
  );
  await tab('location');
  assert.ok((await folds()).every(Boolean));
  await toggle();
  await select(Q);
  await tab('location');
  assert.ok((await folds()).every((open) => !open));
});

test('maps: a pixel a cell, its figure by keyboard and pointer, in both themes', async () => {
  const { maps, shape } = tensor(DOWN);
  await select(DOWN);
  await tab('location');
  assert.deepEqual(await texts(`${part(PARTS[1])} figcaption strong`), [
    'Map of changed weights',
    'Map of the update',
    `Map of the principal mask, α = ${maps.alpha}`,
  ]);
  assert.deepEqual(
    await opened.page.$$eval(`${part(PARTS[1])} canvas`, (all) =>
      all.map(({ width, height }) => [width, height]),
    ),
    [0, 1, 2].map(() => [maps.columns, maps.rows]),
  );

  const update = decodeMap(maps.update, maps);
  const describe = (cell, value) => {
    const { rows, columns } = cellRange(maps, cell, shape);
    return `rows ${rows.join('–')}, columns ${columns.join('–')}: ${value}`;
  };
  const [changedMap, updateMap] = await opened.page.$$(`${part(PARTS[1])} .map`);
  await updateMap.focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await opened.page.keyboard.press(key);
  const output = `${part(PARTS[1])} output`;
  assert.equal(
    (await texts(output))[1],
    describe(maps.columns + 1, number(decodeMagnitude(update[maps.columns + 1], maps.update_max))),
  );
  await updateMap.evaluate((element) => element.blur());
  assert.equal((await texts(output))[1], 'Point at a cell for its value.');

  await changedMap.scrollIntoView();
  const { width, height, x, y } = await changedMap.boundingBox();
  await opened.page.mouse.move(x + width - 1.5, y + height - 1.5);
  const last = maps.rows * maps.columns - 1;
  const changed = decodeMap(maps.changed, maps);
  assert.equal((await texts(output))[0], describe(last, percent(decodeShare(changed[last]))));
  const weights = cellWeights(maps, shape);
  const own = 1 - tensor(DOWN).precision.sparsity_bf16;
  const points = [
    weightedDeviation(Float64Array.from(changed, decodeShare), weights),
    deviationByChance(own, weights),
  ].map((share) => number(100 * share));
  assert.ok(
    (await texts(`${part(PARTS[1])} .beside`))[0].includes(
      `Random: ${percent(own)} everywhere, the matrix’s own share. Cells spread by ` +
        `${points[0]} points (standard deviation), independent weights would by ${points[1]}.`,
    ),
  );

  const [least, most] = [Math.min, Math.max].map((end) => update.indexOf(end(...update)));
  const light = [await pixel('Map of the update', least), await pixel('Map of the update', most)];
  assert.notDeepEqual(light[0], light[1]);
  await opened.page.emulateMediaFeatures([
    { name: 'prefers-reduced-motion', value: 'reduce' },
    { name: 'prefers-color-scheme', value: 'dark' },
  ]);
  await opened.page.waitForFunction(
    (old) => !old.isConnected && !document.querySelector('#detail .later'),
    {},
    updateMap,
  );
  assert.notDeepEqual(
    [await pixel('Map of the update', least), await pixel('Map of the update', most)],
    light,
  );
  await opened.page.emulateMediaFeatures([
    { name: 'prefers-reduced-motion', value: 'reduce' },
    { name: 'prefers-color-scheme', value: 'light' },
  ]);
});

test('every attention head has a bar, beside what heads that are alike would have', async () => {
  await select(Q);
  await tab('heads');
  const { heads, precision } = tensor(Q);
  assert.deepEqual(
    await opened.page.$$eval(`${part(PARTS[2])} svg`, (all) =>
      all.map((svg) => [
        svg.getAttribute('aria-label'),
        svg.querySelectorAll('[aria-label=bar] rect').length,
      ]),
    ),
    [
      ['Changed weights by head', heads.count],
      [`Rotation by head, k = ${heads.k}`, heads.count],
      ['NSS by head', heads.count],
    ],
  );
  const own = 1 - precision.sparsity_bf16;
  assert.ok(
    (await texts(`${part(PARTS[2])} .beside`))[0].startsWith(
      `0 is the matrix’s own share, ${percent(own)}`,
    ),
  );
  assert.equal(heads.count, 6);
  assert.ok(
    (await texts(`${part(PARTS[2])} svg title`)).some(
      (text) =>
        text.startsWith(`head 5: ${degrees(heads.rotation[5])} (random `) &&
        text.endsWith(`, gap ${number(heads.gap[5])}`),
    ),
  );
  await select(DOWN);
  assert.equal(await opened.page.$('#detail-heads'), null);
});

test('beside a random update: a level, and how often more', async () => {
  await select(DOWN);
  await tab('rotation');
  const {
    geometry: { nss, chance, sin_theta: sines },
  } = tensor(DOWN);
  const rows = await table('Beside a random update of the same size');
  assert.deepEqual(rows[0], ['NSS', number(nss), number(chance.nss), times(nss / chance.nss)]);
  assert.equal(sines.chance_right[0], sines.chance_right[1]);
  assert.deepEqual(
    rows.find(([name]) => name === '‖sin Θ‖_F, right'),
    [
      '‖sin Θ‖_F, right',
      number(sines.right),
      number(sines.chance_right[0]),
      times(sines.right / sines.chance_right[0]),
    ],
  );
  await openTab(opened.page, 'sensitivity');
  assert.match(
    (await texts('#at-k tbody tr:last-child td:nth-child(2)'))[0],
    /^\d+\.\d+× randommedian of 7 matrices$/,
  );
  await opened.page.select('#metric', 'nss');
  const label = await opened.page.$eval('#heatmap [aria-label^="layer 0, down_proj:"]', (element) =>
    element.getAttribute('aria-label'),
  );
  assert.ok(
    label.startsWith(
      `layer 0, down_proj: ${number(nss)}, random update of the same size: ` +
        `${number(chance.nss)}, ${times(nss / chance.nss)} random`,
    ),
    label,
  );
});

test('the weights that all runs changed have a map of their own', async () => {
  const entry = report.overlaps.find(({ name }) => name === DOWN);
  const title = 'Changed in all 3 runs, map';
  await select(DOWN);
  await openTab(opened.page, 'compare');
  await opened.page.waitForSelector('#several-tensor');
  const figures = '#several [aria-labelledby=several-tensor] figure:not(.pairs)';
  const captions = await texts(`${figures} strong`);
  assert.ok(captions.includes(title));
  const below = (await texts(`${figures} .beside`)).find((text) =>
    text.startsWith('Share of the weights of a cell that all runs changed'),
  );
  assert.ok(below.includes(`Random: ${percent(entry.exactly_chance.at(-1))} everywhere`), below);
  const all = decodeMap(entry.consensus_map.all, entry.consensus_map);
  const same = all.indexOf(all[0], 1);
  assert.deepEqual(await pixel(title, 0), await pixel(title, same));
  assert.notDeepEqual(
    await pixel(title, 0),
    await pixel(
      title,
      all.findIndex((byte) => byte !== all[0]),
    ),
  );
});

test('where the spectrum is not known to its end, chance is a range', async () => {
  await show(estimated);
  await select(Q);
  await tab('rotation');
  assert.match((await texts('#detail .badges'))[0], /estimated by block lanczos/);
  const {
    geometry: { sin_theta: sines },
  } = estimated.runs[0].tensors.find(({ name }) => name === Q);
  const [low, high] = sines.chance_left;
  assert.ok(low < high);
  assert.deepEqual(
    (await table('Beside a random update of the same size'))
      .find(([name]) => name === '‖sin Θ‖_F, left')
      .slice(1),
    [
      number(sines.left),
      `${number(low)} to ${number(high)}`,
      `${times(sines.left / high)} to ${times(sines.left / low)}`,
    ],
  );
  await show(report);
});

test('no id is there twice, and every chart with a name has a role that may have one', async () => {
  await select(Q);
  await tab('precision');
  const twice = await opened.page.$$eval('[id]', (all) =>
    all.map(({ id }) => id).filter((id, i, ids) => ids.indexOf(id) !== i),
  );
  assert.deepEqual(twice, []);
  for (const name of ['Changed weights by row', 'Changed weights by column'])
    assert.ok(await opened.page.$(`#detail svg[aria-label="${name}"]`), name);
  assert.deepEqual(
    await opened.page.$$eval('figure svg[aria-label]:not([role])', (all) =>
      all.map((element) => element.getAttribute('aria-label')),
    ),
    [],
  );
});

test('a vector has none of it', async () => {
  await select(NORM);
  assert.deepEqual(await texts('#detail [role=tab]'), ['Overview', 'Precision', 'All values']);
});

test('at 390 pixels the body does not scroll sideways', async () => {
  await select(Q);
  await opened.page.setViewport({ width: 390, height: 844 });
  assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await opened.page.setViewport({ width: 1440, height: 900 });
});

test('a report from before these figures shows nothing of them', async () => {
  const without = (figures, keys) =>
    Object.fromEntries(Object.entries(figures).filter(([key]) => !keys.includes(key)));
  await show({
    ...report,
    overlaps: report.overlaps.map((entry) => without(entry, ['consensus_map'])),
    runs: report.runs.map((run) => ({
      ...run,
      model: without(run.model, ['sweep']),
      tensors: run.tensors.map((entry) => {
        const geometry = entry.geometry && {
          ...without(entry.geometry, ['along_spectrum', 'sweep', 'sin_theta']),
          chance: without(entry.geometry.chance, [
            'nss',
            'nss_top_k',
            'draws',
            'angles_left',
            'angles_right',
            'rotation_max',
            'rotation_max_deviation',
            'rotation_median',
            'vectors_left',
            'vectors_right',
          ]),
        };
        return {
          ...without(entry, ['maps', 'heads']),
          masks: entry.masks.map((mask) => without(mask, ['sweep'])),
          geometry,
          update: entry.update && without(entry.update, ['chance']),
        };
      }),
    })),
  });
  await opened.page.waitForFunction(() => !document.querySelector('option[value=sin_theta_left]'));
  await select(Q);
  for (const [id, wanted] of [
    ['overview', ['Spectrum']],
    ['location', []],
    ['rotation', ['Rotation']],
    ['precision', ['In the stored precision']],
    ['masks', []],
  ]) {
    await tab(id);
    assert.deepEqual(await parts(), wanted, id);
  }
  assert.equal(await opened.page.$('#detail-heads'), null);
  await tab('rotation');
  assert.equal((await table('Beside a random update of the same size')).length, 0);
  await openTab(opened.page, 'compare');
  await opened.page.waitForSelector('#several-tensor');
  assert.equal(await opened.page.$('#several canvas'), null);
  await openTab(opened.page, 'sensitivity');
  assert.ok(await opened.page.$eval('#run-sweep', (element) => element.hidden));
  const [heads, cells] = [
    await texts('#at-k tbody th'),
    await texts('#at-k tbody td:nth-child(2)'),
  ];
  assert.deepEqual(
    heads.filter((_, i) => cells[i].includes('× random')),
    ['Principal energy', 'Principal mask', 'Low-magnitude mask', 'Spectral excess κ'],
    'these alone have a level that older reports know',
  );
  assert.match(cells[heads.indexOf('Median rotation')], /\d°no random baseline$/);
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
