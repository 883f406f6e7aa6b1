// The page's Content-Security-Policy holds where the files are read: what a worker sends elsewhere
// is refused while it works.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { noise, safetensors, temporaryFolder } from './checkpoints.mjs';
import { openPage } from './harness.mjs';

const RUN_MS = 60_000;

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
  const blocked = [];
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
    blocked.push(effectiveDirective),
  );
  const outcomes = {
    fetch: await outcome(() => fetch(`http://${address}/fetch`)),
    opaque: await outcome(() => fetch(`http://${address}/opaque`, { mode: 'no-cors' })),
    importScripts: await outcome(() => importScripts(`http://${address}/importScripts`)),
    import: await outcome(() => import(`http://${address}/import`)),
    socket: await outcome(socket),
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
        { shape: [640, 640], data: noise(640 * 640, i).map((x) => x * (1 + seed * Math.cos(x))) },
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

const REFUSED = {
  fetch: 'refused: TypeError',
  opaque: 'refused: TypeError',
  importScripts: 'refused: TypeError',
  import: 'refused: TypeError',
  socket: 'refused: SocketError',
};

test('no worker reaches another origin, and the comparison is done', { timeout: RUN_MS }, async (t) => {
  const elsewhere = await listen(t);
  const { page, problems, close } = await openPage();
  t.after(close);
  await giveFiles(t, page);
  await page.waitForFunction(() => window.gatescope && document.querySelector('.progress-line'));
  // Every one that computes, not the lead alone.
  const workers = page.workers();
  assert.ok(workers.length >= 1);
  for (const worker of workers) {
    const { outcomes, blocked, origin } = await worker.evaluate(tryToLeave, elsewhere.address);
    assert.deepEqual(outcomes, REFUSED);
    assert.deepEqual(blocked, ['connect-src', 'script-src-elem']);
    assert.equal(origin, new URL(page.url()).origin);
  }
  const report = JSON.parse(await page.evaluate(() => window.answer));
  assert.deepEqual(
    report.runs[0].tensors.map(({ status }) => status),
    ['ok', 'ok'],
  );
  assert.deepEqual(elsewhere.asked, []);
  const other = problems.filter((line) => !line.includes(elsewhere.address));
  assert.deepEqual(other, []);
});

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
