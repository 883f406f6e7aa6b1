// A run that is left half way goes on where it was, and a report that was cancelled says so for
// good.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { noise, safetensors, temporaryFolder } from './checkpoints.mjs';
import { fromRoot, openPage } from './harness.mjs';

const RUN_MS = 120_000;
/** Many small ones: a run can be left half way, and none of its steps takes long. */
const [LAYERS, IN_LAYER, SIDE] = [24, 5, 48];
const TENSORS = LAYERS * IN_LAYER;
const folder = temporaryFolder({ after });
let opened;

/** A checkpoint, whose weights lie this far from those of another. */
const model = (shift) =>
  safetensors(
    Object.fromEntries(
      ['self_attn.q', 'self_attn.o', 'mlp.gate', 'mlp.up', 'mlp.down'].flatMap((module, i) =>
        Array.from({ length: LAYERS }, (_, layer) => [
          `model.layers.${layer}.${module}_proj.weight`,
          {
            shape: [SIDE, SIDE],
            data: noise(SIDE * SIDE, IN_LAYER * layer + i, 0.05).map(
              (weight, at) => weight + shift * Math.cos(at * at * 0.3),
            ),
          },
        ]),
      ),
    ),
  );

/** @type {Record<string, string>} */
const FILES = Object.fromEntries(
  Object.entries({ base: 0, tuned: 1e-3 }).map(([name, shift]) => [
    name,
    `${folder.add(name, { [`${name}.safetensors`]: model(shift) })}/${name}.safetensors`,
  ]),
);

before(async () => {
  opened = await openPage();
});
after(() => opened?.close());

/** Gives the page both checkpoints and starts their comparison. */
async function compute(page = opened.page) {
  await (await page.waitForSelector('#base-input')).uploadFile(FILES.base);
  await (await page.waitForSelector('#tuned-input-1')).uploadFile(FILES.tuned);
  await page.waitForSelector('#run', { visible: true });
  await page.$eval('#set-k', (input) => {
    input.value = '8';
    input.dispatchEvent(new Event('change'));
  });
  await page.waitForFunction(() => document.getElementById('run')?.offsetParent);
  await page.click('#run');
}

const text = (selector) => opened.page.$eval(selector, (element) => element.textContent);
const done = () =>
  opened.page.waitForSelector('#results-title', { visible: true, timeout: RUN_MS });
const finished = (count) =>
  opened.page.waitForFunction(
    (least) =>
      Number(/(\d+) of/.exec(document.querySelector('.progress-line').textContent)?.[1]) >= least,
    { timeout: RUN_MS, polling: 20 },
    count,
  );
/** The report that the page shows, as its download would be. */
const report = async () =>
  JSON.parse(
    await opened.page.evaluate(async () => {
      const { createObjectURL } = URL;
      const blob = new Promise((resolve) => {
        URL.createObjectURL = (file) => {
          resolve(file);
          return createObjectURL(file);
        };
      });
      document.getElementById('download-report').click();
      const file = await blob;
      URL.createObjectURL = createObjectURL;
      return file.text();
    }),
  );
/** How many tensors the line in view says were kept; 0 where there is no such line. */
const kept = () =>
  opened.page.evaluate(() => {
    const line = [...document.querySelectorAll('.kept')].find((element) => element.offsetParent);
    return Number(/^(\d+) of 120 tensors were kept/.exec(line?.textContent)?.[1] ?? 0);
  });
/** A report without what differs between two runs of the same. */
const figures = ({ created, timings, runs, backend: { workers, ...backend }, ...rest }) => ({
  ...rest,
  backend,
  runs: runs.map((run) => ({
    ...run,
    tensors: run.tensors.map(({ seconds, ...tensor }) => tensor),
  })),
});

test(
  'after a reload in mid-run the same files resume, to the same report',
  { timeout: RUN_MS },
  async () => {
    await compute();
    await finished(8);
    await opened.restart();
    await compute();
    await done();
    const earlier = await kept();
    assert.ok(earlier >= 8 && earlier < TENSORS, `${earlier} tensors were kept`);
    const resumed = await report();
    assert.equal(resumed.partial, null);

    await opened.page.evaluate(() =>
      [...document.querySelectorAll('.start-over')].find((element) => element.offsetParent).click(),
    );
    await opened.page.waitForSelector('#cancel', { visible: true });
    await done();
    assert.equal(await kept(), 0, 'starting over computes everything');
    assert.deepEqual(figures(await report()), figures(resumed));
  },
);

test(
  'other settings take nothing from it, a selection of layers does',
  { timeout: RUN_MS },
  async () => {
    const again = async (patch) => {
      await opened.page.click('#new');
      await opened.page.waitForSelector('#run', { visible: true });
      for (const [id, value] of Object.entries(patch)) {
        await opened.page.$eval(
          `#${id}`,
          (input, given) => {
            input.value = given;
            input.dispatchEvent(new Event('change'));
          },
          value,
        );
      }
      await opened.page.waitForFunction(() => document.getElementById('run')?.offsetParent);
      await opened.page.click('#run');
      await done();
      return opened.page.evaluate(
        () =>
          [...document.querySelectorAll('.kept')].find((element) => element.offsetParent)
            ?.textContent ?? '',
      );
    };
    assert.match(await again({ 'set-layers': '0' }), /^5 of 5 tensors were kept/);
    assert.equal(await again({ 'set-k': '4' }), '');
  },
);

test(
  'a cancelled report says so in its JSON, and again when it is dropped',
  { timeout: RUN_MS },
  async () => {
    await opened.restart();
    await opened.page.evaluate(
      () =>
        new Promise((resolve) => {
          indexedDB.deleteDatabase('gatescope').onsuccess = resolve;
        }),
    );
    await compute();
    await finished(3);
    await opened.page.click('#cancel');
    await done();
    const cancelled = await report();
    const { finished: count, total, reason } = cancelled.partial;
    assert.ok(count >= 3 && count < TENSORS);
    assert.deepEqual(
      [total, reason, cancelled.runs[0].tensors.length],
      [TENSORS, 'cancelled', count],
    );
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(fromRoot('docs', 'report.schema.json'), 'utf8')),
    );
    assert.ok(validate(cancelled), JSON.stringify(validate.errors));

    await opened.restart();
    await opened.page.evaluate((content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], 'report.json', { type: 'application/json' }));
      document.body.dispatchEvent(
        new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }),
      );
    }, JSON.stringify(cancelled));
    await done();
    assert.match(
      await text('.notices .problem'),
      new RegExp(`^Cancelled: ${count} of ${TENSORS} tensors were finished`),
    );
    assert.equal(await kept(), 0);
  },
);

test('a cancelled run goes on where it was', { timeout: RUN_MS }, async () => {
  await opened.restart();
  await opened.page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.deleteDatabase('gatescope').onsuccess = resolve;
      }),
  );
  await compute();
  await finished(3);
  assert.match(await opened.page.title(), /^\d+ % · Gatescope$/);
  assert.ok(
    (await opened.page.$$('.progress-grid .finished')).length >= 3,
    'finished tensors are marked',
  );
  await opened.page.click('#cancel');
  await done();
  const { finished: count } = (await report()).partial;
  await opened.page.click('#continue');
  await opened.page.waitForFunction(() => !document.querySelector('#continue').offsetParent);
  await done();
  assert.equal((await report()).partial, null);
  assert.ok((await kept()) >= count, 'what was finished is not computed again');
  assert.doesNotMatch(await opened.page.title(), /%/);
});

test(
  'starting over in mid-run leaves the run under way and computes everything',
  { timeout: RUN_MS },
  async () => {
    await opened.page.click('#new');
    await opened.page.waitForSelector('#run', { visible: true });
    await opened.page.click('#run');
    await (await opened.page.waitForSelector('.running .start-over', { visible: true })).click();
    await opened.page.waitForFunction(
      () => !document.querySelector('.running .start-over')?.offsetParent,
    );
    await done();
    assert.equal(await kept(), 0);
    const { partial, runs } = await report();
    assert.deepEqual([partial, runs[0].tensors.length], [null, TENSORS]);
  },
);

test('without a database the page runs as ever', { timeout: RUN_MS }, async () => {
  const blocked = await openPage({
    before: (page) =>
      page.evaluateOnNewDocument(() => {
        IDBFactory.prototype.open = () => {
          throw new DOMException('refused', 'SecurityError');
        };
      }),
  });
  try {
    await compute(blocked.page);
    await blocked.page.waitForSelector('#results-title', { visible: true, timeout: RUN_MS });
    assert.deepEqual(blocked.problems, []);
  } finally {
    await blocked.close();
  }
});

test('nothing was logged, nothing failed', () => {
  // A reload in mid-run may cut off a request for the sample's files.
  assert.deepEqual(opened.problems, []);
});
