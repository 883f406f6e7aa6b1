// docs/findings.json is what the analyser finds in the samples today, so that docs/findings.md says
// nothing that has passed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { excerptOf } from '../../scripts/findings/excerpt.mjs';
import { SETTINGS } from '../../scripts/findings/settings.mjs';
import { temporaryFolder } from './checkpoints.mjs';
import { fromRoot, runScript } from './harness.mjs';

const RUN_MS = 180_000;
/**
 * Six digits are kept; an angle at the smallest gap (7e-4) may differ by 3e-6, a mask by a bin of
 * 1e-4 of it. Three times the last.
 */
const TOLERANCE = 3e-4;

function compare(found, wanted, place) {
  if (typeof wanted === 'number')
    return assert.ok(
      Math.abs(found - wanted) <= TOLERANCE * Math.abs(wanted),
      `${place}: found ${found}, committed ${wanted}`,
    );
  if (wanted === null || typeof wanted !== 'object') return assert.equal(found, wanted, place);
  assert.deepEqual(Object.keys(found), Object.keys(wanted), place);
  return Object.keys(wanted).forEach((key) => compare(found[key], wanted[key], `${place}.${key}`));
}

test('the samples give the committed figures', { timeout: RUN_MS }, async (t) => {
  const out = temporaryFolder(t).path('report.json');
  const { code, stderr } = await runScript('analyze.mjs', [...SETTINGS, '--out', out, '--quiet']);
  assert.equal(code, 0, stderr);
  const found = excerptOf(JSON.parse(readFileSync(out, 'utf8')), (name) =>
    JSON.parse(readFileSync(fromRoot('samples', name, 'training.json'), 'utf8')),
  );
  compare(found, JSON.parse(readFileSync(fromRoot('docs', 'findings.json'), 'utf8')), 'findings');
});

test('a report without the base of the samples is refused in a sentence', async (t) => {
  const folder = temporaryFolder(t);
  const bare = {
    format: 'gatescope-report',
    base: null,
    settings: { alphas: [0.3, 0.1] },
    runs: ['rlvr-1', 'rlvr-2', 'sft'].map((name) => ({ checkpoint: { name } })),
  };
  const reports = folder.add('reports', { 'bare.json': JSON.stringify(bare), 'null.json': 'null' });
  for (const name of ['bare', 'null']) {
    const { code, stderr } = await runScript('findings.mjs', [
      '--report',
      `${reports}/${name}.json`,
    ]);
    assert.deepEqual([code, stderr.trim().split('\n').length], [1, 1], stderr);
    assert.match(
      stderr,
      /^error: .*\.json is no report of the samples rlvr-1, rlvr-2, sft beside their base /,
    );
  }
});
