// The summary of a terminal. The native program is held to the same lines by
// crate/tests/command.rs.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { summarize } from '../../scripts/analyze/summary.mjs';

const LIST = new URL('summaries.json', import.meta.url);
const CASES = JSON.parse(readFileSync(LIST, 'utf8'));
const SAMPLE = readFileSync(new URL('../../samples/report.json', import.meta.url), 'utf8');

/** The sample's report with some values set, by their JSON pointers. */
function make(set) {
  const report = JSON.parse(SAMPLE);
  for (const [pointer, value] of Object.entries(set)) {
    const way = pointer.slice(1).split('/');
    const last = way.pop();
    way.reduce((at, part) => at[part], report)[last] = value;
  }
  return report;
}

test('each report is summarised in the lines of the list', () => {
  const made = CASES.map(({ about, set }) => ({ about, set, lines: summarize(make(set)) }));
  // Written anew where it is asked for, to be read before it is committed.
  if (process.env.WRITE_SUMMARIES) writeFileSync(LIST, `${JSON.stringify(made, null, 2)}\n`);
  assert.deepEqual(made, CASES);
});

test('nothing is placed among published ranges that they are not of', () => {
  for (const { about, lines } of CASES) {
    const placed = lines.some((line) => /published: |Against published runs/.test(line));
    // Of these cases only one run is none that they are of.
    const isMixed = /^(whole|part: shares|an adapter)/.test(about);
    assert.equal(placed, isMixed, about);
  }
});
