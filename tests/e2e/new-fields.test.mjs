// Figures along the spectrum, against k, beside a random update and by head, and maps: shown where a report has them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { degrees, number, percent, times } from '../../www/format.js';
import { bytesOf, cellRange, density, magnitude } from '../../www/maps.js';
import { blockChance } from '../../www/spectrum.js';
import { withNewFields } from '../fields.mjs';
import { dropReport, openPage, sampleLayer } from './harness.mjs';

const RUN_MS = 180_000;
const Q = 'model.layers.0.self_attn.q_proj.weight';
const DOWN = 'model.layers.0.mlp.down_proj.weight';
const NORM = 'model.layers.0.input_layernorm.weight';
const PARTS = ['Where the update lies', 'On the matrix', 'Attention heads'];
let held;
let plain;
let report;

before(async () => {
  held = await openPage({ before: (page) => page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }, { name: 'prefers-color-scheme', value: 'light' }]) });
  plain = await sampleLayer(held.page);
  report = withNewFields(plain);
  await held.page.reload();
  await dropReport(held.page, report);
  await held.page.waitForSelector('.tensors tbody tr', { visible: true });
}, { timeout: RUN_MS });
after(() => held?.close());

const texts = (selector) => held.page.$$eval(selector, (all) => all.map((one) => one.textContent));
const tensor = (name) => report.runs[0].tensors.find((one) => one.name === name);
const part = (name) => `#detail section[aria-label="${name}"]`;
const parts = () => held.page.$$eval('#detail section', (all) => all.map((one) => one.getAttribute('aria-label')));
async function select(name) {
  await held.page.$$eval('.tensors tbody button', (all, wanted) => all.find((one) => one.textContent === wanted).click(), name);
  // Parts are drawn in tasks of their own.
  await held.page.waitForFunction((title) => document.getElementById('detail-title').textContent === title && !document.querySelector('#detail .later'), {}, name);
}
const table = (title) => held.page.$$eval(`#detail table[aria-label="${title}"] tbody tr`, (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
const pixel = (title, cell) => held.page.evaluate((wanted, at) => {
  const figure = [...document.querySelectorAll('figure')].find((one) => one.querySelector('strong').textContent === wanted);
  const canvas = figure.querySelector('canvas');
  // Read from a copy: the page's own canvas is not made for it, and the browser would say so.
  const copy = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, -(at % canvas.width), -Math.floor(at / canvas.width));
  return [...copy.getImageData(0, 0, 1, 1).data];
}, title, cell);

test('energy along the spectrum: each block beside its chance level', async () => {
  await select(Q);
  const { geometry: { along_spectrum: along }, shape } = tensor(Q);
  const titles = await texts(`${part(PARTS[0])} svg[aria-label="Energy of the update along the spectrum"] title`);
  const chance = blockChance(along.edges, shape);
  assert.equal(titles.length, 3 * along.edges.length);
  const last = along.edges.length - 1;
  assert.ok(titles.includes(`directions 5–8, both: ${percent(along.core[last][last])}, chance ${percent(chance.both[last])}`), titles.join('\n'));
  assert.ok(titles.includes(`directions 1, left: ${percent(along.left[0])}, chance ${percent(chance.left[0])}`));
});

test('the same figures against k, and a rank that is not resolved is told', async () => {
  const { geometry: { sweep } } = tensor(Q);
  const shares = await texts(`${part(PARTS[0])} svg[aria-label="Off-principal share against k"] title`);
  assert.ok(shares.includes(`k = ${sweep[0].k}, right: ${percent(sweep[0].off_principal_right)}, chance ${percent(sweep[0].chance.right)}`), shares.join('\n'));
  const angles = await texts(`${part(PARTS[0])} svg[aria-label="Rotation against k"] title`);
  assert.equal(angles.length, 2 * sweep.length);
  assert.ok(angles.includes(`k = 2, largest: ${degrees(sweep[1].rotation_max)}; gap ${number(sweep[1].gap)}, not resolved`), angles.join('\n'));
  assert.match((await texts(`${part(PARTS[0])} .beside`))[2], /^Not resolved at k = 2, where/);
  const hollow = await held.page.$$eval(`${part(PARTS[0])} svg[aria-label="Rotation against k"] circle`, (all) => all.filter((one) => one.getAttribute('r') === '4').length);
  assert.equal(hollow, 2);
});

test('maps: a pixel a cell, its figure by keyboard and pointer, in both themes', async () => {
  const { maps, shape } = tensor(DOWN);
  await select(DOWN);
  assert.deepEqual(await texts(`${part(PARTS[1])} figcaption strong`), ['Map of changed weights', 'Map of the update', `Map of the principal mask, α = ${maps.alpha}`]);
  assert.deepEqual(await held.page.$$eval(`${part(PARTS[1])} canvas`, (all) => all.map(({ width, height }) => [width, height])), [0, 1, 2].map(() => [maps.columns, maps.rows]));

  const update = bytesOf(maps.update, maps);
  const said = (cell, value) => {
    const { rows, columns } = cellRange(maps, cell, shape);
    return `rows ${rows.join('–')}, columns ${columns.join('–')}: ${value}`;
  };
  const [changedMap, updateMap] = await held.page.$$(`${part(PARTS[1])} .map`);
  await updateMap.focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await held.page.keyboard.press(key);
  const output = `${part(PARTS[1])} output`;
  assert.equal((await texts(output))[1], said(maps.columns + 1, number(magnitude(update[maps.columns + 1], maps.update_max))));
  await updateMap.evaluate((one) => one.blur());
  assert.equal((await texts(output))[1], 'Point at a cell for its figure.');

  await changedMap.scrollIntoView();
  const { width, height, x, y } = await changedMap.boundingBox();
  await held.page.mouse.move(x + width - 3, y + height - 3);
  const last = maps.rows * maps.columns - 1;
  assert.equal((await texts(output))[0], said(last, percent(density(bytesOf(maps.changed, maps)[last]))));

  const light = [await pixel('Map of the update', 0), await pixel('Map of the update', last)];
  assert.notDeepEqual(light[0], light[1]);
  await held.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }, { name: 'prefers-color-scheme', value: 'dark' }]);
  await held.page.waitForFunction((old) => !old.isConnected && !document.querySelector('#detail .later'), {}, updateMap);
  assert.notDeepEqual([await pixel('Map of the update', 0), await pixel('Map of the update', last)], light);
  await held.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }, { name: 'prefers-color-scheme', value: 'light' }]);
});

test('every attention head has a bar, beside what heads that are alike would have', async () => {
  await select(Q);
  const { heads, precision } = tensor(Q);
  assert.deepEqual(await held.page.$$eval(`${part(PARTS[2])} svg`, (all) => all.map((svg) => [svg.getAttribute('aria-label'), svg.querySelectorAll('[aria-label=bar] rect').length])),
    [['Changed weights by head', heads.count], [`Rotation by head, k = ${heads.k}`, heads.count], ['NSS by head', heads.count]]);
  const own = 1 - precision.sparsity_bf16;
  assert.ok((await texts(`${part(PARTS[2])} .beside`))[0].startsWith(`0 is the matrix’s own share, ${percent(own)}`));
  assert.ok((await texts(`${part(PARTS[2])} svg title`)).some((text) => text.startsWith(`head 5: ${degrees(heads.rotation[5])}, mean of the heads `)));
  await select(DOWN);
  assert.ok(!(await parts()).includes(PARTS[2]));
});

test('beside a random update: a level, a range, and how often more', async () => {
  const { geometry: { nss, chance, sin_theta: sines } } = tensor(DOWN);
  const rows = await table('Beside a random update of the same norm');
  assert.deepEqual(rows[0], ['NSS', number(nss), number(chance.nss), times(nss / chance.nss)]);
  assert.deepEqual(rows[2], ['‖sin Θ‖_F, left', number(sines.left), sines.chance_left.map(number).join(' to '), '2.00× to 4.00×']);
  assert.deepEqual(rows[3].slice(2), [number(sines.chance_right[0]), '2.00×']);
  await held.page.select('#metric', 'nss');
  const label = await held.page.$eval('#heatmap [aria-label^="layer 0, down_proj:"]', (one) => one.getAttribute('aria-label'));
  assert.equal(label, `layer 0, down_proj: ${number(nss)} (chance ${number(chance.nss)})`);
});

test('the weights that all runs changed have a map of their own', async () => {
  const entry = report.overlaps.find(({ name }) => name === DOWN);
  const title = 'Changed in all 3 runs, map';
  const figures = '#several [aria-labelledby=several-tensor] figure';
  const captions = await texts(`${figures} strong`);
  assert.ok(captions.includes(title));
  const beside = (await texts(`${figures} .beside`)).find((text) => text.startsWith('Share of the weights of a cell that all runs changed'));
  assert.ok(beside.includes(`Chance: ${percent(entry.exactly_chance.at(-1))} everywhere`), beside);
  assert.deepEqual(await pixel(title, 0), await pixel(title, 1));
  assert.notDeepEqual(await pixel(title, 0), await pixel(title, entry.consensus_map.columns));
});

test('a vector has none of it', async () => {
  await select(NORM);
  assert.deepEqual((await parts()).filter((name) => PARTS.includes(name)), []);
  assert.equal((await table('Beside a random update of the same norm')).length, 0);
});

test('at 390 pixels the body does not scroll sideways', async () => {
  await select(Q);
  await held.page.setViewport({ width: 390, height: 844 });
  assert.equal(await held.page.evaluate(() => document.documentElement.scrollWidth), 390);
  await held.page.setViewport({ width: 1440, height: 900 });
});

test('a report from before these figures shows nothing of them', async () => {
  const old = (one, keys) => Object.fromEntries(Object.entries(one).filter(([key]) => !keys.includes(key)));
  await dropReport(held.page, { ...plain, overlaps: plain.overlaps.map((entry) => old(entry, ['consensus_map'])), runs: plain.runs.map((run) => ({ ...run, tensors: run.tensors.map((one) => {
    const geometry = one.geometry && { ...old(one.geometry, ['along_spectrum', 'sweep', 'sin_theta']), chance: old(one.geometry.chance, ['nss', 'nss_top_k']) };
    return { ...old(one, ['maps', 'heads']), geometry, update: one.update && old(one.update, ['chance']) };
  }) })) });
  await held.page.waitForFunction(() => !document.querySelector('option[value=sin_theta_left]'));
  await select(Q);
  assert.deepEqual(await parts(), ['Spectrum and rotation', 'In the stored precision']);
  assert.equal((await table('Beside a random update of the same norm')).length, 0);
  assert.equal(await held.page.$('#several canvas'), null);
  assert.equal((await texts('#summary .card')).filter((text) => /random update/.test(text)).length, 0);
});

test('nothing was logged, nothing failed, nothing went to another origin', () => assert.deepEqual(held.problems, []));
