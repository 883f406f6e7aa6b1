// Faults in mid-run, a choice of each kind: the run goes on where it can, says what happened, and
// its figures are those of an undisturbed run. probe-faults.mjs tries all of them many times.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { buildPage, servePage } from '../../scripts/lib/page.mjs';
import { temporaryFolder } from './checkpoints.mjs';
import { FAULTS, TENSORS, makeCheckpoints, openHarmed, startRun, tryFault } from './faults.mjs';

const RUN_MS = 180_000;
/** The digest of a safetensors file's header, with its length. */
const digestHeader = (file) => {
  const bytes = readFileSync(file);
  const header = bytes.subarray(0, 8 + Number(bytes.readBigUInt64LE(0)));
  return createHash('sha256').update(header).digest('hex');
};
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
  // Which files the report is of, and some of its tensors computed again by another route.
  const found = [report.base, report.runs[0].checkpoint].map((checkpoint) => checkpoint.files[0]);
  for (const [file, path] of [
    [found[0], files.base],
    [found[1], files.tuned],
  ]) {
    assert.equal(file.bytes, statSync(path).size);
    assert.equal(file.header_digest, digestHeader(path));
    assert.match(file.sampled_digest, /^[0-9a-f]{64}$/);
  }
  assert.notEqual(found[0].sampled_digest, found[1].sampled_digest);
  assert.equal(report.check.tensors, 3);
  assert.equal(report.check.counts_differ, 0);
  assert.ok(report.check.largest_deviation < 1e-5, JSON.stringify(report.check));
});

for (const fault of FAULTS.filter(({ short }) => short))
  test(`${fault.group}: ${fault.name}`, { timeout: RUN_MS }, async (t) => {
    const files = makeCheckpoints(temporaryFolder(t));
    await tryFault(fault, { browser, url: server.url, files, cpu });
  });
