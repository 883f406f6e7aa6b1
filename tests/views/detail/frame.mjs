// What holds for all tabs of a tensor: folds, roles, narrow pages, older reports, silence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTab } from '../../e2e/harness.mjs';
import {
  DOWN,
  NORM,
  Q,
  opened,
  parts,
  report,
  select,
  show,
  tab,
  table,
  texts,
} from './set-up.mjs';

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
