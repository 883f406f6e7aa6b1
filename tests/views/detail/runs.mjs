// Runs against k, and their precision, in the tabs of the result.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { degrees, number, percent, times } from '../../../www/report/format.js';
import { openTab } from '../../e2e/harness.mjs';
import { Q, opened, report, select, show, tab, table, tensor, texts } from './set-up.mjs';

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
