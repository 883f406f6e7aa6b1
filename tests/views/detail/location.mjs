// Where an update lies: along the spectrum, against k, in masks.
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
import { blockChance } from '../../../www/report/spectrum.js';
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
  tensor,
  texts,
} from './set-up.mjs';

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
