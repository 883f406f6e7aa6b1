// The built page under a sub-path of a static host that sends no headers: once it was loaded it
// opens and compares with the host gone, and a new version is offered.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { buildPage } from '../../scripts/lib/page.mjs';
import { oneMatrix, temporaryFolder } from './checkpoints.mjs';
import { fromRoot, watch } from './harness.mjs';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const PLACE = '/some/folder/';

/** The plainest of hosts: files, their types, and 404. */
function serve(folder) {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = path.join(folder, pathname.slice(PLACE.length) || 'index.html');
    try {
      if (!pathname.startsWith(PLACE)) throw new Error('not here');
      const bytes = readFileSync(file);
      response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'text/plain' });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, 'localhost', () => resolve(server));
  });
}

const stop = (server) =>
  new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });

let folder;
let server;
let browser;
let page;
let problems;
let address;

before(async () => {
  await buildPage();
  folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-host-'));
  cpSync(fromRoot('dist'), folder, {
    recursive: true,
    filter: (file) => !file.includes(`${path.sep}samples`),
  });
  server = await serve(folder);
  browser = await launchChromium({ webgpu: false });
  page = await browser.newPage();
  const { port } = server.address();
  address = `http://localhost:${port}${PLACE}`;
  problems = watch(page, new URL(address).origin);
});

after(async () => {
  await browser?.close();
  if (server?.listening) await stop(server);
  rmSync(folder, { recursive: true, force: true });
});

const keptFiles = () =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const kept = await Promise.all(
      names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
    );
    return { names, files: kept.flat().map((url) => new URL(url).pathname) };
  });

test('what the build made is kept, the wasm and the worker included', async () => {
  await page.goto(address);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  const { names, files } = await keptFiles();
  assert.equal(names.length, 1);
  const assets = readdirSync(path.join(folder, 'assets')).map((file) => `${PLACE}assets/${file}`);
  assert.ok(assets.some((file) => file.endsWith('.wasm')));
  assert.ok(assets.some((file) => /\/worker.*\.js$/.test(file)));
  assert.deepEqual(
    assets.filter((file) => !files.includes(file)),
    [],
  );
  assert.ok(files.includes(`${PLACE}index.html`));
});

test('with the host gone the page opens and compares', { timeout: 180_000 }, async (t) => {
  await stop(server);
  await page.reload();
  const place = temporaryFolder(t);
  for (const [selector, name, scale] of [
    ['#base-input', 'base', 1],
    ['#tuned-input-1', 'tuned', 1.01],
  ]) {
    const made = place.add(name, { 'model.safetensors': oneMatrix(16, 16, scale) });
    await (await page.$(selector)).uploadFile(path.join(made, 'model.safetensors'));
  }
  const report = JSON.parse(await page.evaluate(() => window.gatescope.run({ k: 4 })));
  assert.equal(report.runs[0].tensors[0].status, 'done');
  const { files } = await keptFiles();
  assert.deepEqual(
    files.filter((file) => /safetensors|json/.test(file)),
    [],
    'nothing of the user is kept among the files of the page',
  );
  assert.deepEqual(problems, []);
});

test('a new version is offered, and taken on a click', { timeout: 180_000 }, async () => {
  server = await serve(folder);
  const moved = `http://localhost:${server.address().port}${PLACE}`;
  await page.goto(moved);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.reload();
  const [old] = (await keptFiles()).names;
  const text = readFileSync(path.join(folder, 'sw.js'), 'utf8');
  writeFileSync(
    path.join(folder, 'sw.js'),
    text.replace(/^const VERSION = .*$/m, "const VERSION = 'another';"),
  );
  await page.reload();
  const button = await page.waitForSelector('.new-version button');
  assert.match(
    await page.$eval('.new-version', (line) => line.textContent),
    /^A new version is ready/,
  );
  await Promise.all([page.waitForNavigation(), button.click()]);
  await page.waitForFunction(async () => (await caches.keys()).length === 1);
  const { names } = await keptFiles();
  assert.notEqual(old, names[0]);
  assert.match(names[0], /another$/);
});
