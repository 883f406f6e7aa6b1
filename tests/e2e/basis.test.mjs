// Value and output projections that were turned together: said before any figure of them, and not
// where nobody asked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { explainedShare } from '../../www/report/basis-change.js';
import { number, percent } from '../../www/report/format.js';
import { HEADS, attentionLayer, safetensors, temporaryFolder, turned } from './checkpoints.mjs';
import { drop, openDetail, openPage, openTensor, runScript } from './harness.mjs';

const name = (layer, module) => `model.layers.${layer}.self_attn.${module}_proj.weight`;
const ANGLE = 0.6;
let opened;

before(async () => {
  opened = await openPage({
    before: (page) =>
      page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]),
  });
});
after(() => opened?.close());

/** Layers 0 and 1, of which the tuned checkpoint turns the second; both move a little besides. */
function checkpoints(t) {
  const folder = temporaryFolder(t);
  const layers = [attentionLayer(0), attentionLayer(1)];
  const moved = (tensors) =>
    Object.fromEntries(
      Object.entries(tensors).map(([own, { shape, data }]) => [
        own,
        { shape, data: data.map((w, i) => w + 1e-3 * Math.sin(i * i)) },
      ]),
    );
  const files = (all) => ({
    'config.json': HEADS,
    'model.safetensors': safetensors(Object.assign({}, ...all)),
  });
  return {
    folder,
    base: folder.add('base', files(layers)),
    tuned: folder.add('tuned', files([moved(layers[0]), moved(turned(layers[1], ANGLE))])),
  };
}
const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
async function select(tensor) {
  await openTensor(opened.page, tensor);
  await openDetail(opened.page, 'rotation');
}
const run = async (settings) =>
  JSON.parse(await opened.page.evaluate((given) => window.gatescope.run(given), settings));
const table = () =>
  opened.page.$$eval('#detail table[aria-label^="Change of basis"] tbody tr', (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );

test(
  'a turned layer is named at the head of the results and on both projections, with chance; ' +
    'without the search it is not',
  async (t) => {
    const { base, tuned } = checkpoints(t);
    await drop(opened.page, '.zone', [base]);
    await drop(opened.page, '.tuned .zone', [tuned]);
    await opened.page.waitForSelector('#run', { visible: true });
    const [first] = (await run({ k: 4, alphas: [0.3] })).runs;
    await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
    const found = first.tensors.find((tensor) => tensor.name === name(1, 'v')).function_preserving;
    assert.equal(found.kind, 'rotated');
    assert.ok(
      Math.abs(found.rotation_max - (ANGLE * 180) / Math.PI) < 0.5,
      `${found.rotation_max}°`,
    );
    const { share, chance } = explainedShare(found);
    assert.ok(share > 0.9);
    assert.deepEqual(await texts('.notices .basis'), [
      'Layer 1: value and output projections were rotated together, head by head. Their update ' +
        'is a change of basis that leaves the layer’s function as it was, and every other value ' +
        'of them describes it and not learning. ' +
        `${percent(share)} of the update goes away with the best change of basis (random ` +
        `${percent(chance)}).`,
    ]);
    for (const module of ['v', 'o']) {
      await select(name(1, module));
      assert.match(
        (await texts('#detail .basis'))[0],
        new RegExp(
          '^Value and output projections of this layer were rotated ' +
            `together.*${percent(share)} of their update`,
        ),
      );
      assert.deepEqual((await table())[3], [
        'goes away with it',
        percent(share),
        `random ${percent(chance)}`,
      ]);
    }
    // Layer 0 was looked at too, and only moved.
    await select(name(0, 'v'));
    assert.equal((await texts('#detail .basis')).length, 0);
    const other = first.tensors.find((tensor) => tensor.name === name(0, 'v')).function_preserving;
    assert.deepEqual(
      (await table()).slice(0, 2).map((cells) => cells[1]),
      ['none', number(other.update_before)],
    );
    await opened.page.setViewport({ width: 390, height: 844 });
    assert.equal(await opened.page.evaluate(() => document.documentElement.scrollWidth), 390);
    await opened.page.setViewport({ width: 1440, height: 900 });

    await opened.page.click('#new');
    await opened.page.waitForSelector('#advanced', { visible: true });
    await opened.page.click('#advanced summary');
    await opened.page.click('#set-basis');
    await opened.page.click('#run');
    await opened.page.waitForFunction(
      () =>
        document.querySelector('.results')?.offsetParent &&
        !document.querySelector('.basis') &&
        document.querySelector('.tensor-grid .row'),
    );
    assert.equal(
      await opened.page.evaluate(() =>
        [...document.querySelectorAll('.kept')].some((element) => element.offsetParent),
      ),
      false,
      'figures of the other setting are not taken',
    );
  },
);

test('`npm run analyze -- --no-function-preserving` does not look for them', async (t) => {
  const { folder, base, tuned } = checkpoints(t);
  for (const [more, kind] of [
    [[], 'rotated'],
    [['--no-function-preserving'], null],
  ]) {
    const { code, stderr } = await runScript('analyze.mjs', [
      '--base',
      base,
      '--tuned',
      tuned,
      '--k',
      '4',
      '--backend',
      'cpu',
      '--out',
      folder.path('report.json'),
      '--quiet',
      ...more,
    ]);
    assert.equal(code, 0, stderr);
    const { settings, runs } = JSON.parse(readFileSync(folder.path('report.json'), 'utf8'));
    assert.equal(settings.function_preserving, kind !== null);
    assert.equal(
      runs[0].tensors.find((tensor) => tensor.name === name(1, 'v')).function_preserving?.kind ??
        null,
      kind,
    );
  }
});

test('nothing was logged, nothing failed, nothing went to another origin', () =>
  assert.deepEqual(opened.problems, []));
