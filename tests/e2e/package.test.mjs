// The npm package as a user gets it: packed, installed, built by three bundlers and used by none,
// driven in a browser.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { servePage } from '../../scripts/lib/page.mjs';
import { capture } from '../../scripts/lib/run.mjs';
import { buildPackage, inPackage, packPackage } from '../../scripts/package/build.mjs';
import { checkTarball } from '../../scripts/package/check.mjs';
import { installTarball, npm } from '../../scripts/setup/examples.mjs';
import { PANELS } from '../../www/panels/index.js';
import { smallReport } from '../unit/small-report.mjs';
import { temporaryFolder } from './checkpoints.mjs';
import { fromRoot, watch } from './harness.mjs';

const BUILD_MS = 120_000;
const example = (...parts) => fromRoot('examples', ...parts);
const installed = (...parts) => example('node_modules', 'gatescope', ...parts);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

let tarball;
let browser;

before(
  async () => {
    await buildPackage();
    tarball = await packPackage();
    await installTarball(tarball);
    browser = await launchChromium({ webgpu: false });
  },
  { timeout: BUILD_MS },
);
after(() => browser?.close());

/** Opens a folder's page on a server of its own; `others` are origins that it may ask, too. */
async function open(t, folder, file = '', others = []) {
  const server = await servePage({ folder });
  t.after(() => server.close());
  const page = await browser.newPage();
  t.after(() => page.close());
  const problems = watch(page, new URL(server.url).origin);
  await page.goto(`${server.url}${file}`);
  return {
    page,
    problems: () => problems.filter((line) => !others.some((origin) => line.includes(origin))),
  };
}

const compared = (page) =>
  page.waitForFunction(
    () => /were compared|Error/.test(document.getElementById('status')?.textContent ?? ''),
    { timeout: 120_000 },
  );
const status = (page) => page.$eval('#status', (line) => line.textContent);

/** The element shows the report that it was given; without its panel, that it has none. */
async function assertFigure(page) {
  await page.waitForFunction(
    () =>
      [
        ...(document
          .querySelector('gate-scope')
          .shadowRoot?.querySelectorAll('[part=source], [role=alert]:not([hidden])') ?? []),
      ].some(({ textContent }) => textContent),
    { timeout: 120_000 },
  );
  const seen = await page.$eval('gate-scope', ({ shadowRoot }) => ({
    source: shadowRoot.querySelector('[part=source]').textContent,
    alert: shadowRoot.querySelector('[role=alert]:not([hidden])')?.textContent ?? null,
  }));
  if (!Object.hasOwn(PANELS, 'summary')) return assert.match(seen.alert, /no figure/);
  assert.equal(seen.alert, null);
  assert.match(seen.source, /base → tuned/);
}

test('publint and are-the-types-wrong find nothing', { timeout: BUILD_MS }, async () => {
  assert.equal(await checkTarball(tarball), '');
});

test('every export is there, with types, and nothing of Vite or of this machine', () => {
  const { exports, files, sideEffects, customElements } = readJson(installed('package.json'));
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  for (const target of [...targets, ...sideEffects, customElements ?? './package.json'])
    assert.ok(existsSync(installed(target)), `${target} is in the tarball`);
  assert.ok(files.length > 0);
  for (const name of ['.', './element.min.js', './analyze', './worker.js'])
    assert.ok(exports[name].types.endsWith('.d.ts'), name);
  const scripts = readdirSync(installed(), { recursive: true }).filter((name) =>
    /\.(js|ts)$/.test(name),
  );
  for (const name of scripts) {
    const text = readFileSync(installed(name), 'utf8');
    assert.doesNotMatch(text, /\?url|import\.meta\.env|\?worker|\?inline/, name);
    assert.ok(!text.includes(fromRoot('')), `${name} names a folder of this machine`);
  }
  for (const name of ['element.min.js', 'worker.js', 'analyze.js'])
    assert.doesNotMatch(
      // Comments hold types, which name modules.
      readFileSync(installed(name), 'utf8').replace(/\/\*[^]*?\*\//g, ''),
      /^\s*(import\s*[\w{*'"]|export\b.*\bfrom\b)|[^.\w]import\(['"`]/m,
      `${name} stands alone`,
    );
});

test('the schema is the one of the report, and versions agree', () => {
  assert.deepEqual(
    readJson(installed('report.schema.json')),
    readJson(fromRoot('docs', 'report.schema.json')),
  );
  assert.equal(
    readJson(installed('package.json')).version,
    readJson(fromRoot('package.json')).version,
  );
});

for (const bundler of ['vite', 'webpack', 'esbuild'])
  test(`built by ${bundler}, the page compares and shows`, { timeout: BUILD_MS }, async (t) => {
    const { ok, output } = await capture([npm, 'run', 'build', '--silent'], {
      cwd: example(bundler),
    });
    assert.ok(ok, output);
    const { page, problems } = await open(
      t,
      example(...(bundler === 'vite' ? ['vite', 'dist'] : [bundler])),
    );
    await compared(page);
    assert.equal(await status(page), '4 tensors were compared.');
    await assertFigure(page);
    assert.deepEqual(problems(), []);
  });

/** The plain example, which takes the package's files from a second origin. */
async function buildPlain(t) {
  const cdn = await servePage({ folder: inPackage() });
  t.after(() => cdn.close());
  const address = new URL(cdn.url).origin;
  const { ok, output } = await capture([process.execPath, 'build.mjs', address], {
    cwd: example('plain'),
  });
  assert.ok(ok, output);
  return address;
}

test('from a second origin, under a strict policy and with a digest', async (t) => {
  const address = await buildPlain(t);
  const { page, problems } = await open(t, example('plain', 'dist'), '', [address]);
  await compared(page);
  assert.equal(await status(page), '4 tensors were compared.');
  await assertFigure(page);
  assert.deepEqual(problems(), []);
});

test('a script that is not the one of the digest does not run', async (t) => {
  const address = await buildPlain(t);
  const file = example('plain', 'dist', 'index.html');
  const other = createHash('sha384').update('other').digest('base64');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/sha384-[^"]+/, `sha384-${other}`));
  const { page, problems } = await open(t, example('plain', 'dist'), '', []);
  await compared(page);
  assert.equal(await page.evaluate(() => customElements.get('gate-scope')), undefined);
  assert.ok(problems().some((line) => /digest|integrity/.test(line) && line.includes(address)));
});

test('in a frame', async (t) => {
  const address = await buildPlain(t);
  const { page, problems } = await open(t, example('plain', 'dist'), 'frame.html', [address]);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await compared(frame);
  assert.equal(await status(frame), '4 tensors were compared.');
  assert.deepEqual(problems(), []);
});

/** A blank page of the package's own files, to call `analyze` in. */
async function openBlank(t) {
  const { page } = await open(t, example('plain', 'dist'), '', []);
  await compared(page);
  return page;
}

test('cancelling rejects at once, with what was finished where that was asked for', async (t) => {
  await buildPlain(t);
  const page = await openBlank(t);
  const told = await page.evaluate(async () => {
    const { address } = document.querySelector('[data-address]').dataset;
    const { analyze } = await import(`${address}/analyze.js`);
    const { tinyCheckpoint } = await import('./shared/tiny-checkpoint.js');
    const given = () => ({
      base: tinyCheckpoint('base', 0),
      tuned: [tinyCheckpoint('a', 1e-3), tinyCheckpoint('b', 1e-2)],
      settings: { k: 8, backend: 'cpu' },
    });
    const outcome = (promise) =>
      promise.then(
        () => 'done',
        (error) => error.name,
      );

    const early = new AbortController();
    early.abort();
    const never = analyze({ ...given(), signal: early.signal });

    const controller = new AbortController();
    const began = analyze({ ...given(), signal: controller.signal, partial: true });
    const seen = [];
    let thrown = null;
    try {
      for await (const event of began) {
        if (event.type !== 'tensor') continue;
        seen.push([event.run, event.tensor.status]);
        controller.abort();
      }
    } catch (error) {
      thrown = error.name;
    }

    const left = analyze(given());
    // eslint-disable-next-line no-unreachable-loop -- leaving is what is tried
    for await (const _ of left) break;

    const whole = analyze(given());
    const report = await whole.report;
    const late = [];
    for await (const event of whole) late.push(event.type);
    return {
      early: [await outcome(never.report), await never.partial],
      thrown,
      seen: seen.slice(0, 1),
      again: await outcome(began.report),
      partial: (await began.partial).report.partial,
      left: [await outcome(left.report), await left.partial],
      runs: report.runs.map(({ checkpoint, tensors }) => [checkpoint.name, tensors.length]),
      late,
    };
  });
  const { partial, ...others } = told;
  assert.ok(partial, 'the report says that it is a part');
  assert.deepEqual(others, {
    early: ['AbortError', null],
    thrown: 'AbortError',
    seen: [[0, 'done']],
    again: 'AbortError',
    left: ['AbortError', null],
    runs: [
      ['a', 4],
      ['b', 4],
    ],
    late: [],
  });
});

test('errors have codes and name the file', async (t) => {
  await buildPlain(t);
  const page = await openBlank(t);
  const told = await page.evaluate(async () => {
    const { address } = document.querySelector('[data-address]').dataset;
    const { analyze, GatescopeError } = await import(`${address}/analyze.js`);
    const { tinyCheckpoint } = await import('./shared/tiny-checkpoint.js');
    const good = { base: tinyCheckpoint('base', 0), tuned: tinyCheckpoint('tuned', 1e-3) };
    const outcome = async (options) => {
      try {
        await analyze({ ...good, ...options }).report;
        return 'done';
      } catch (error) {
        return [error instanceof GatescopeError, error.code, error.file];
      }
    };
    const header = JSON.stringify({
      'base_model.model.w.lora_A.weight': { dtype: 'F32', shape: [1, 1], data_offsets: [0, 4] },
    });
    const length = new BigUint64Array([BigInt(header.length)]);
    const broken = [
      {
        name: 'adapter_model.safetensors',
        blob: new Blob([length, header, new Float32Array(1)]),
      },
      { name: 'adapter_config.json', blob: new Blob(['not JSON']) },
    ];
    return {
      argument: await outcome({ settings: { k: 0 } }),
      file: await outcome({ tuned: broken }),
      base: await outcome({ base: null }),
      worker: await outcome({ workerUrl: `${address}/nothing.js` }),
      wasm: await outcome({ wasmUrl: `${address}/nothing.wasm` }),
    };
  });
  assert.deepEqual(told, {
    argument: [true, 'argument', null],
    file: [true, 'file', 'adapter_config.json'],
    base: [true, 'needs-base', 'tuned'],
    worker: [true, 'worker-unavailable', null],
    wasm: [true, 'analyser-unavailable', null],
  });
});

test('the article shows its figures, and their stills without scripts', async (t) => {
  const ownReport = fromRoot('samples', 'report.json');
  const folder = temporaryFolder(t).add('reports', { 'small.json': JSON.stringify(smallReport()) });
  const report = existsSync(ownReport) ? ownReport : path.join(folder, 'small.json');
  const built = await capture([process.execPath, 'build.mjs', report], {
    cwd: example('companion'),
  });
  assert.ok(built.ok, built.output);
  const { page, problems } = await open(t, example('companion', 'dist'));
  const figures = ['summary', 'dots', 'energy', 'heatmap'];
  if (figures.every((figure) => Object.hasOwn(PANELS, figure))) {
    for (const figure of figures) {
      const element = await page.$(`gate-scope[figure=${figure}]`);
      await element.evaluate((own) => own.scrollIntoView());
      await page.waitForFunction(
        (own) => own.shadowRoot.querySelector('[part=source]').textContent.startsWith('Gatescope'),
        { timeout: 120_000 },
        element,
      );
    }
    assert.deepEqual(problems(), []);
  }
  const plain = await browser.newPage();
  t.after(() => plain.close());
  await plain.setJavaScriptEnabled(false);
  await plain.goto(page.url());
  const text = await (await plain.$('body')).getProperty('innerText');
  assert.match(await text.jsonValue(), /What this does not show/);
  for (const figure of figures) {
    const still = await plain.$(`gate-scope[figure=${figure}] > svg`);
    const { width, height } = await still.boundingBox();
    assert.ok(width > 300 && height > 100, `${figure}: ${width} × ${height}`);
  }
});

test('the example of types compiles, and wrong uses do not', { timeout: BUILD_MS }, async () => {
  const { output } = await capture([
    process.execPath,
    fromRoot('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    path.join(example('types'), 'tsconfig.json'),
  ]);
  assert.equal(output, '');
});
