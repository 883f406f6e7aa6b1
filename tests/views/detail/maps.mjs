// Maps of a tensor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { number, percent } from '../../../www/report/format.js';
import {
  cellRange,
  cellWeights,
  decodeMagnitude,
  decodeMap,
  decodeShare,
  deviationByChance,
  weightedDeviation,
} from '../../../www/report/maps.js';
import { openTab } from '../../e2e/harness.mjs';
import { DOWN, PARTS, opened, part, pixel, report, select, tab, tensor, texts } from './set-up.mjs';

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
