// Weights in every layout that is read, dropped as folders and files: the page's figures are those
// of the same weights as safetensors.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gguf, noise, safetensors, temporaryFolder, withHeader } from './checkpoints.mjs';
import { drop, fromRoot, openPage } from './harness.mjs';

let opened;

before(async () => {
  opened = await openPage({ webgpu: false });
});
after(() => opened?.close());

const fixture = (...parts) => fromRoot('tests', 'reference', 'fixtures', ...parts);

/** A base for the weights of a safetensors file: their names, shapes and dtypes, other values. */
function otherValues(file) {
  const bytes = readFileSync(file);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = bytes.toString('utf8', 8, end);
  const data = Buffer.from(bytes.subarray(end));
  // One step in a mantissa of each third byte, and never in the byte of an exponent.
  for (let at = 0; at < data.length; at += 8) data[at] ^= 1;
  return withHeader(header, data);
}

/** Copies a fixture's files into a folder, under other names where these are given. */
function copyInto(folder, name, files) {
  for (const [to, from] of Object.entries(files)) {
    const place = path.join(folder.path(name), to);
    mkdirSync(path.dirname(place), { recursive: true });
    copyFileSync(fixture(from), place);
  }
  return folder.path(name);
}

/** Drops one after the other: each row takes one checkpoint. */
async function give(base, tuned) {
  await opened.restart();
  await drop(opened.page, '.zone[data-role=base]', [base]);
  await opened.page.waitForSelector('.zone.filled');
  await drop(opened.page, '.tuned .zone', tuned);
  await opened.page.waitForFunction(
    (count) => document.querySelectorAll('.zone.filled').length === count,
    {},
    1 + tuned.length,
  );
  return JSON.parse(
    await opened.page.evaluate(() => window.gatescope.run({ k: 2, backend: 'cpu' })),
  );
}

const distributed = (kind) => fixture('distributed', kind);
/** @type {[what: string, twin: string, places: (folder: object) => string[]][]} */
const FAMILIES = [
  [
    'saved by ranks',
    'distributed/whole/model.safetensors',
    (folder) => [
      ...['dtensor', 'parallel', 'sharded_tensor', 'dcp_safetensors', 'dcp'].map(distributed),
      // As accelerate saves it, a folder below the configuration.
      copyInto(folder, 'checkpoint-500', {
        'config.json': 'distributed/dtensor/fsdp_config.json',
        'optimizer_0/__0_0.distcp': 'distributed/dcp/__0_0.distcp',
        ...Object.fromEntries(
          ['.metadata', '__0_0.distcp', '__1_0.distcp', '__2_0.distcp'].map((name) => [
            `pytorch_model_fsdp_0/${name}`,
            `distributed/dcp/${name}`,
          ]),
        ),
      }),
    ],
  ],
  [
    'saved by PyTorch',
    'torch/a.safetensors',
    (folder) => [
      copyInto(
        folder,
        'shards',
        Object.fromEntries(
          [
            'pytorch_model-00001-of-00002.bin',
            'pytorch_model-00002-of-00002.bin',
            'pytorch_model.bin.index.json',
          ].map((name) => [name, `torch/${name}`]),
        ),
      ),
      copyInto(folder, 'CASES', { 'PYTORCH_MODEL.BIN': 'torch/flat.pt' }),
      ...['legacy.pth', 'protocol4.pt', 'training.ckpt'].map((name) =>
        copyInto(folder, path.parse(name).name, { [name]: `torch/${name}` }),
      ),
    ],
  ],
];

/** What of a run's report does not follow from the files around the weights. */
const figuresOf = ({ model, layers, modules, tensors, coverage }) => ({
  model,
  layers,
  modules,
  tensors: tensors.map(({ seconds: _, ...tensor }) => tensor),
  coverage,
});

for (const [what, twin, places] of FAMILIES)
  test(`weights ${what} have the figures of their twin`, async (t) => {
    const folder = temporaryFolder(t);
    const base = folder.add('base', { 'model.safetensors': otherValues(fixture(twin)) });
    const report = await give(base, [
      copyInto(folder, 'twin', { 'model.safetensors': twin }),
      ...places(folder),
    ]);
    const [first, ...others] = report.runs;
    assert.ok(first.tensors.length > 3);
    assert.ok(first.model.unchanged < first.model.parameters, 'some weights differ from the base');
    for (const run of others)
      assert.deepEqual(figuresOf(run), figuresOf(first), run.checkpoint.name);
  });

test('weights in GGUF have the figures of their twin', async (t) => {
  const folder = temporaryFolder(t);
  const weights = (names, seed) =>
    Object.fromEntries(
      names.map((name, i) => [name, { shape: [4, 6], data: noise(24, seed + i) }]),
    );
  const names = ['model.embed_tokens.weight', 'model.layers.0.mlp.up_proj.weight'];
  const inGguf = ['token_embd.weight', 'blk.0.ffn_up.weight'];
  const folders = Object.entries({
    base: { 'model.safetensors': safetensors(weights(names, 5)) },
    twin: { 'model.safetensors': safetensors(weights(names, 7)) },
    gguf: { 'model-f32.gguf': gguf('llama', weights(inGguf, 7)) },
  }).map(([name, files]) => folder.add(name, files));
  const { runs } = await give(folders[0], folders.slice(1));
  assert.deepEqual(
    runs[0].tensors.map(({ name }) => name),
    names,
  );
  assert.deepEqual(figuresOf(runs[1]), figuresOf(runs[0]));
});

test('a folder in place of a shard, and names in other cases, are read or named', async (t) => {
  const folder = temporaryFolder(t);
  const shard = (i) => `model-0000${i}-of-00002.safetensors`;
  const weights = (scale) =>
    [1, 2].map((i) => ({ [`w.${i}`]: { shape: [8, 8], data: noise(64, i, scale) } }));
  const base = folder.add('base', {
    'Model-00001-Of-00002.SAFETENSORS': safetensors(weights(1)[0]),
    'Model-00002-Of-00002.SAFETENSORS': safetensors(weights(1)[1]),
  });
  const tuned = folder.add('tuned', { [shard(1)]: safetensors(weights(1.01)[0]) });
  mkdirSync(path.join(tuned, shard(2)));
  const { runs } = await give(base, [tuned]);
  assert.deepEqual(
    runs[0].tensors.map(({ name }) => name),
    ['w.1'],
  );
  const named = runs[0].left_out.map(({ name, reason }) => `${name}: ${reason}`);
  assert.ok(named.includes(`${shard(2)}: bad_file`), named.join());
});

test('nothing was logged, nothing failed', () => assert.deepEqual(opened.problems, []));
