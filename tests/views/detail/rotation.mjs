// Angles of a tensor, and how sure its values are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  degrees,
  formatError,
  number,
  percent,
  times,
  within,
} from '../../../www/report/format.js';
import {
  PARTS,
  Q,
  against,
  beside,
  dashes,
  opened,
  part,
  report,
  select,
  show,
  tab,
  table,
  tensor,
  texts,
} from './set-up.mjs';

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
    const label = await opened.page.$eval('#heatmap [aria-label^="layer 0, q:"]', (element) =>
      element.getAttribute('aria-label'),
    );
    assert.ok(
      label.startsWith(`layer 0, q: ${degrees(geometry.rotation_max)}`) &&
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
