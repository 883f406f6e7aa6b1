// Every way `npm run analyze` can be given something it cannot work on: exit code not 0, one clear
// line, no report.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import test from 'node:test';
import { oneMatrix, safetensors, temporaryFolder, withHeader } from './checkpoints.mjs';
import { runScript } from './harness.mjs';

/** Runs the analysis of what `make(folder)` gives; checks the failure and returns its line. */
async function failure(t, make, status = 1) {
  const folder = temporaryFolder(t);
  const out = folder.path('report.json');
  const { code, stdout, stderr } = await runScript('analyze.mjs', [...make(folder), '--out', out]);
  assert.equal(code, status, stderr);
  assert.equal(stdout, '');
  // Set-up may speak first on a checkout where the page is not built yet.
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('[gatescope]'));
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0], /^error: /);
  assert.ok(!existsSync(out), 'no report is written');
  return lines[0];
}

const good = (folder, name) => folder.add(name, { 'model.safetensors': oneMatrix() });

test('a folder that does not exist', async (t) => {
  const line = await failure(t, (folder) => [
    '--base',
    folder.path('nowhere'),
    '--tuned',
    good(folder, 'tuned'),
  ]);
  assert.match(line, /nowhere does not exist/);
});

test('a folder without safetensors', async (t) => {
  const line = await failure(t, (folder) => [
    '--base',
    good(folder, 'base'),
    '--tuned',
    folder.add('empty', { 'config.json': '{}' }),
  ]);
  assert.match(line, /empty: there .* in it \(found: config\.json\)/);
});

for (const [what, content] of [
  ['a header that is longer than its file', withHeader('{}', undefined, 2 ** 40)],
  ['a header that is not JSON', withHeader('{"a": [')],
  ['a file of three bytes', Buffer.from([1, 2, 3])],
]) {
  test(what, async (t) => {
    const line = await failure(t, (folder) => [
      '--base',
      good(folder, 'base'),
      '--tuned',
      folder.add('tuned', { 'broken.safetensors': content }),
    ]);
    assert.match(line, /broken\.safetensors/);
  });
}

test('checkpoints that have no tensor in common', async (t) => {
  const line = await failure(t, (folder) => [
    '--base',
    good(folder, 'base'),
    '--tuned',
    folder.add('other', { 'model.safetensors': safetensors({ w: { shape: [2], data: [1, 2] } }) }),
  ]);
  assert.match(
    line,
    new RegExp(
      'no tensor can be compared with the base: ' +
        'model\\.layers\\.0\\.self_attn\\.q_proj\\.weight: ' +
        'the tuned checkpoint has no tensor of this name; and 1 more are left out\\.$',
    ),
  );
});

test('a shard that could not be read: the report is there, and the exit status is 3', async (t) => {
  const folder = temporaryFolder(t);
  const shard = (i) => `model-0000${i}-of-00002.safetensors`;
  const pair = [1, 2].map((i) =>
    safetensors({ [`w.${i}`]: { shape: [2, 2], data: [1, 2, 3, 4 + i] } }),
  );
  const base = folder.add('base', { [shard(1)]: pair[0], [shard(2)]: pair[1] });
  const tuned = folder.add('tuned', { [shard(1)]: pair[0] });
  symlinkSync('../blobs/gone', folder.path(`tuned/${shard(2)}`));
  const [out, csv] = [folder.path('report.json'), folder.path('report.csv')];
  const { code, stdout, stderr } = await runScript('analyze.mjs', [
    ...['--base', base, '--tuned', tuned, '--out', out, '--csv', csv],
  ]);
  assert.equal(code, 3, stderr);
  assert.match(stdout, /^tuned: 1 tensor compared, 50.*\n.* were compared\.\nPart of the model: /);
  assert.match(stderr, /tuned: 1 tensor compared, 50\.0\s%\sof the weights of the base \(4 of 8\)/);
  assert.match(stderr, /tuned: \d left out because of errors: .*model-00002-of-00002\.safetensors/);
  const [run] = JSON.parse(readFileSync(out, 'utf8')).runs;
  assert.deepEqual([run.checkpoint.name, run.tensors.length], ['tuned', 1]);
  assert.ok(existsSync(csv));
});

// A path that leads nowhere is an error; what is wrong with the options themselves is usage.
for (const [what, args, message, status = 2] of [
  ['no tuned checkpoint', [], /a tuned checkpoint is needed/],
  ['k of 0', ['--tuned', 'TUNED', '--k', '0'], /--k.*whole number/],
  ['an alpha above 1', ['--tuned', 'TUNED', '--alpha', '0.1,2'], /--alpha.*between 0 and 1/],
  [
    'a Fisher that does not exist',
    ['--tuned', 'TUNED', '--fisher', 'nowhere.safetensors'],
    /nowhere\.safetensors does not exist/,
    1,
  ],
  ['an unknown backend', ['--tuned', 'TUNED', '--backend', 'tpu'], /--backend.*auto, cpu, gpu/],
  ['an unknown option', ['--tuned', 'TUNED', '--fast'], /--fast/],
]) {
  test(what, async (t) => {
    const make = (folder) => {
      const tuned = good(folder, 'tuned');
      return [
        '--base',
        good(folder, 'base'),
        ...args.map((arg) => (arg === 'TUNED' ? tuned : arg)),
      ];
    };
    const line = await failure(t, make, status);
    assert.match(line, message);
  });
}
