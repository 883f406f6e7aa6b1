// Values of a tensor beside a random update.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { number, times } from '../../../www/report/format.js';
import { openTab } from '../../e2e/harness.mjs';
import {
  DOWN,
  Q,
  estimated,
  opened,
  report,
  select,
  show,
  tab,
  table,
  tensor,
  texts,
} from './set-up.mjs';

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
  const label = await opened.page.$eval('#heatmap [aria-label^="layer 0, down:"]', (element) =>
    element.getAttribute('aria-label'),
  );
  assert.ok(
    label.startsWith(
      `layer 0, down: ${number(nss)}, random update of the same size: ` +
        `${number(chance.nss)}, ${times(nss / chance.nss)} random`,
    ),
    label,
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
