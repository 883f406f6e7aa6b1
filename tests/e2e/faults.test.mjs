// Faults in mid-run, a choice of each kind: the run goes on where it can, says what happened, and
// its figures are those of an undisturbed run. probe-faults.mjs tries all of them many times.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { buildPage, servePage } from '../../scripts/lib/page.mjs';
import { temporaryFolder } from './checkpoints.mjs';
import { FAULTS, TENSORS, makeCheckpoints, openHarmed, startRun, tryFault } from './faults.mjs';

const RUN_MS = 180_000;
let browser;
let server;
let cpu;

before(async () => {
  await buildPage();
  server = await servePage();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('an undisturbed run', { timeout: RUN_MS }, async (t) => {
  const files = makeCheckpoints(temporaryFolder(t));
  const { page, close } = await openHarmed(browser, server.url, { files });
  t.after(close);
  const { report } = await (await startRun(page, { backend: 'cpu' })).ended();
  assert.equal(report.runs[0].tensors.filter(({ status }) => status === 'done').length, TENSORS);
  cpu = report;
});

for (const fault of FAULTS.filter(({ short }) => short))
  test(`${fault.group}: ${fault.name}`, { timeout: RUN_MS }, async (t) => {
    const files = makeCheckpoints(temporaryFolder(t));
    await tryFault(fault, { browser, url: server.url, files, cpu });
  });
