// A damaged report is refused by the place that is wrong; one that an older or later version wrote
// is not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { readReport } from '../../www/report/read.js';
import { damage } from '../e2e/mutants.mjs';
import { smallReport } from './small-report.mjs';

const read = (report) => readReport(new Blob([JSON.stringify(report)]), () => {});
const whole = smallReport();
const changed = (change) => {
  const copy = structuredClone(whole);
  change(
    copy,
    copy.runs[0].tensors.find(({ maps }) => maps),
  );
  return copy;
};

test('a report is whole, also of version 1 and with fields that are not known yet', async () => {
  await read(whole);
  await read(
    changed((report, tensor) => Object.assign(tensor, { later: 1 }) && (report.later = {})),
  );
  const old = readFileSync(new URL('./report-version-1.json', import.meta.url), 'utf8');
  await readReport(new Blob([old]), () => {});
});

for (const [change, said] of [
  [(_, { maps }) => (maps.rows = 1e5), /tensor .+: `maps\.\w+` is .+ code of \d+ cells/],
  [
    (_, { maps }) => (maps.changed = 'AAAA'),
    /`maps\.changed` is "AAAA", where the code of \d+ cells/,
  ],
  [(_, tensor) => (tensor.status = 'fine'), /`status` is "fine", where one of done, failed/],
  [(_, tensor) => delete tensor.shape, /`shape` is missing/],
  [(_, tensor) => (tensor.parameters = 1e300), /`parameters` is 1e\+300, where a whole number/],
  [(_, tensor) => (tensor.masks = [{}]), /`masks\[0\]\.\w+` is missing/],
  [(report) => (report.settings.alphas = Array(1e5).fill(0.1)), /`settings\.alphas` is a list of/],
  [(report) => (report.runs[0].checkpoint.name = {}), /`runs\[0\]\.checkpoint\.name` is an object/],
  [(report) => (report.runs[0].layers[0] = null), /`runs\[0\]\.layers\[0\]` is null/],
])
  test(`refused: ${said.source}`, async () => {
    await assert.rejects(read(changed(change)), ({ message }) => {
      assert.match(
        message,
        /^This report is damaged: .*Was it changed after Gatescope wrote it\?$/,
      );
      assert.match(message, said);
      return true;
    });
  });

test('of damaged reports none ends in anything but a sentence', async () => {
  for (let seed = 0; seed < 60; seed += 1)
    await read(damage(whole, seed).report).catch(({ message }) =>
      assert.match(message, /damaged|incomplete|has version|not a Gatescope report/, `${seed}`),
    );
});
