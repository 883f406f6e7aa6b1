// Workers that die in mid-run or never start: one tensor at most is lost, by name, and the page
// says what is wrong.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { safetensors, temporaryFolder } from './checkpoints.mjs';
import { computeSample, fromRoot, openPage } from './harness.mjs';

const RUN_MS = 180_000;
const TENSORS = 8;
/** The tensor that is interfered with; a worker is told it by its place in the base. */
const VICTIM = 3;
const name = (layer) => `model.layers.${layer}.self_attn.q_proj.weight`;

/** Eight matrices of 64 × 64. */
const checkpoint = (scale) => ({
  'model.safetensors': safetensors(
    Object.fromEntries(
      Array.from({ length: TENSORS }, (_, layer) => [
        name(layer),
        {
          shape: [64, 64],
          data: Array.from(
            { length: 4096 },
            (__, i) => Math.sin(1 + i * i * 0.37 + layer) * (1 + scale * (i % 7)),
          ),
        },
      ]),
    ),
  ),
});

/**
 * Runs a comparison in a page where `harm` befalls the worker that is told to analyse the victim,
 * the first `times` times. `harm` is `kill` (the worker is ended from outside, without a word) or
 * `trap` (its wasm is thrown out of).
 */
async function runWith(t, harm, times) {
  const folder = temporaryFolder(t);
  const [base, tuned] = [
    ['base', 0],
    ['tuned', 1e-3],
  ].map(([place, scale]) => path.join(folder.add(place, checkpoint(scale)), 'model.safetensors'));
  const opened = await openPage({
    before: async (page) => {
      // What unwinds through wasm frames from a call that they take for safe leaves them as a trap
      // does.
      await page.exposeFunction('armTrap', (victim) =>
        Promise.all(
          page.workers().map((worker) =>
            worker
              .evaluate((task) => {
                addEventListener(
                  'message',
                  ({ data }) => {
                    if (data.method !== 'analyze' || data.args[0] !== task) return;
                    performance.now = () => {
                      throw new WebAssembly.RuntimeError('unreachable');
                    };
                  },
                  { capture: true },
                );
              }, victim)
              .catch(() => {}),
          ),
        ),
      );
      await page.evaluateOnNewDocument(
        (kind, victim, most) => {
          window.tries = 0;
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function postMessage(data, ...rest) {
            const send = () => post.call(this, data, ...rest);
            if (data.method !== 'analyze' || data.args[0] !== victim) return send();
            window.tries += 1;
            if (window.tries > most) return send();
            if (kind === 'trap') return window.armTrap(victim).then(send);
            send();
            return setTimeout(() => this.terminate());
          };
        },
        harm,
        VICTIM,
        times,
      );
    },
  });
  try {
    await (await opened.page.$('#base-input')).uploadFile(base);
    await (await opened.page.$('#tuned-input-1')).uploadFile(tuned);
    await (await opened.page.waitForSelector('#run', { visible: true })).click();
    // The table is the last thing that is drawn.
    await opened.page.waitForSelector('.tensor-grid .row', { visible: true, timeout: RUN_MS });
    const failures = await opened.page.$$eval('.results details.problem li', (all) =>
      all.map((element) => element.textContent),
    );
    const tensors = await opened.page.$$eval('.tensor-grid .row', (rows) => rows.length);
    return { failures, tensors, tries: await opened.page.evaluate(() => window.tries) };
  } finally {
    await opened.close();
  }
}

for (const harm of ['kill', 'trap']) {
  test(
    `${harm}, once: a fresh worker does the tensor, nothing is missing`,
    { timeout: RUN_MS },
    async (t) => {
      assert.deepEqual(await runWith(t, harm, 1), { failures: [], tensors: TENSORS, tries: 2 });
    },
  );

  test(
    `${harm}, twice: the tensor is reported failed by name, the others are done`,
    { timeout: RUN_MS },
    async (t) => {
      const { failures, tensors, tries } = await runWith(t, harm, 2);
      assert.deepEqual([tensors, tries, failures.length], [TENSORS, 2, 1]);
      assert.ok(failures[0].startsWith(name(VICTIM)));
      assert.match(
        failures[0],
        new RegExp(
          '^(\\S+) \\1: its worker died, and so did the fresh one that tried it again: ' +
            '.*(ended unexpectedly|unreachable)',
        ),
      );
    },
  );
}

/** The line that the page shows when its analyser cannot start. */
async function problem(options) {
  const opened = await openPage(options);
  try {
    await computeSample(opened.page);
    await opened.page.waitForSelector('#problem', { visible: true });
    assert.ok(
      await opened.page.$eval('#try-sample', (button) => button.offsetParent && !button.disabled),
      'the first screen is back',
    );
    return await opened.page.$eval('#problem', (line) => line.textContent);
  } finally {
    await opened.close();
  }
}

/** A copy of the built page that lacks what `missing` names. */
function incomplete(t, missing) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-dist-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(fromRoot('dist'), folder, { recursive: true });
  const files = readdirSync(path.join(folder, 'assets')).filter((file) => missing.test(file));
  assert.equal(files.length, 1, `one file is called like ${missing}`);
  rmSync(path.join(folder, 'assets', files[0]));
  return folder;
}

test('a page without its wasm says so', async (t) => {
  assert.match(
    await problem({ folder: incomplete(t, /\.wasm$/) }),
    /^The analyser could not be started: .*Is the page whole on its server/,
  );
});

test('a page without its worker says so', async (t) => {
  assert.match(
    await problem({ folder: incomplete(t, /^worker.*\.js$/) }),
    /^The analyser’s worker could not be loaded/,
  );
});

// Without a compiler, V8 has no WebAssembly either.
test('a browser without WebAssembly is told', async () => {
  assert.equal(
    await problem({ args: ['--js-flags=--jitless'] }),
    'This browser has no WebAssembly, which Gatescope computes with.',
  );
});
