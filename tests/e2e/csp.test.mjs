// The page's Content-Security-Policy holds where the files are read: what a worker sends elsewhere
// is refused while it works.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { buildPage } from '../../scripts/lib/page.mjs';
import { noise, safetensors, temporaryFolder } from './checkpoints.mjs';
import { fromRoot, openPage } from './harness.mjs';

const RUN_MS = 180_000;

/** A server on another origin that answers everyone, and tells who came. */
async function listen(t) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(200, {
      'access-control-allow-origin': '*',
      'content-type': 'text/javascript',
    });
    response.end('export const came = true;');
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return { asked, address: `127.0.0.1:${server.address().port}` };
}

/** Runs in a worker: how each way out of it ends. */
async function tryToLeave(address) {
  const outcome = async (attempt) => {
    try {
      await attempt();
      return 'went out';
    } catch (error) {
      return `refused: ${error.name}`;
    }
  };
  const socket = () =>
    new Promise((resolve, reject) => {
      const opened = new WebSocket(`ws://${address}/socket`);
      // A refusal by the server would have got there.
      opened.onopen = resolve;
      opened.onerror = () => reject(new DOMException('', 'SocketError'));
    });
  const request = () =>
    new Promise((resolve, reject) => {
      const asked = new XMLHttpRequest();
      asked.onload = resolve;
      asked.onerror = () => reject(new DOMException('', 'RequestError'));
      asked.open('GET', `http://${address}/xhr`);
      asked.send();
    });
  const events = () =>
    new Promise((resolve, reject) => {
      const opened = new EventSource(`http://${address}/events`);
      opened.onopen = resolve;
      opened.onerror = () => {
        opened.close();
        reject(new DOMException('', 'EventsError'));
      };
    });
  const blocked = [];
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
    blocked.push(effectiveDirective),
  );
  const outcomes = {
    fetch: await outcome(() => fetch(`http://${address}/fetch`)),
    opaque: await outcome(() => fetch(`http://${address}/opaque`, { mode: 'no-cors' })),
    importScripts: await outcome(() => self.importScripts(`http://${address}/importScripts`)),
    import: await outcome(() => import(`http://${address}/import`)),
    socket: (await outcome(socket)).split(':')[0],
    request: await outcome(request),
    events: (await outcome(events)).split(':')[0],
    eval: await outcome(() => self['eval']('1')),
    function: await outcome(() => new Function('return 1')()),
  };
  // Events of refusals are tasks of their own.
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  return { outcomes, blocked: [...new Set(blocked)].sort(), origin: self.origin };
}

/** Two matrices that take long enough for a worker to be looked at. */
const checkpoint = (seed) => ({
  'model.safetensors': safetensors(
    Object.fromEntries(
      ['q', 'k'].map((module, i) => [
        `model.layers.0.self_attn.${module}_proj.weight`,
        { shape: [384, 384], data: noise(384 * 384, i).map((x) => x * (1 + seed * Math.cos(x))) },
      ]),
    ),
  ),
});

async function giveFiles(t, page) {
  const folder = temporaryFolder(t);
  for (const [selector, name, seed] of [
    ['#base-input', 'base', 0],
    ['#tuned-input-1', 'tuned', 1e-3],
  ]) {
    const file = path.join(folder.add(name, checkpoint(seed)), 'model.safetensors');
    await (await page.$(selector)).uploadFile(file);
  }
  await page.evaluate(() => {
    window.answer = window.gatescope.run({ k: 8 });
  });
}

/** A copy of the built page whose worker turns against it as soon as it is loaded. */
function plant(t, address) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-dist-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(fromRoot('dist'), folder, { recursive: true });
  const [worker] = readdirSync(path.join(folder, 'assets')).filter((file) =>
    /^worker.*\.js$/.test(file),
  );
  appendFileSync(
    path.join(folder, 'assets', worker),
    `;(${tryToLeave})('${address}').then((tried) => postMessage({ tried }));`,
  );
  return folder;
}

/** Has a page note what its workers tried. */
const listenToWorkers = (page) =>
  page.evaluateOnNewDocument(() => {
    window.tried = [];
    window.Worker = class extends Worker {
      constructor(...args) {
        super(...args);
        this.addEventListener('message', ({ data }) => data.tried && window.tried.push(data.tried));
      }
    };
  });

const REFUSED = {
  fetch: 'refused: TypeError',
  opaque: 'refused: TypeError',
  importScripts: 'refused: TypeError',
  import: 'refused: TypeError',
  socket: 'refused',
  request: 'refused: RequestError',
  events: 'refused',
  eval: 'refused: EvalError',
  function: 'refused: EvalError',
};

for (const firefox of [false, true])
  test(
    `no worker reaches another origin, and all is computed: ${firefox ? 'Firefox' : 'Chromium'}`,
    { timeout: RUN_MS },
    async (t) => {
      const elsewhere = await listen(t);
      await buildPage();
      const folder = plant(t, elsewhere.address);
      const { page, close } = await openPage({ firefox, folder, before: listenToWorkers });
      t.after(close);
      await giveFiles(t, page);
      const report = JSON.parse(await page.evaluate(() => window.answer));
      assert.deepEqual(
        report.runs[0].tensors.map(({ status }) => status),
        ['done', 'done'],
      );
      // Every one that computes, not the lead alone.
      const { workers } = report.backend;
      await page.waitForFunction((all) => window.tried.length >= all, {}, workers);
      for (const { outcomes, blocked, origin } of await page.evaluate(() => window.tried)) {
        assert.deepEqual(outcomes, REFUSED);
        assert.deepEqual(blocked, ['connect-src', 'script-src', 'script-src-elem']);
        assert.equal(origin, new URL(page.url()).origin);
      }
      assert.deepEqual(elsewhere.asked, []);
    },
  );

test('the other origin can be reached where no policy forbids it', async (t) => {
  const elsewhere = await listen(t);
  const { page, close } = await openPage({ before: (opened) => opened.setBypassCSP(true) });
  t.after(close);
  const outcome = await page.evaluate(
    (address) => fetch(`http://${address}/fetch`).then(({ status }) => status),
    elsewhere.address,
  );
  assert.deepEqual([outcome, elsewhere.asked], [200, ['/fetch']]);
});
