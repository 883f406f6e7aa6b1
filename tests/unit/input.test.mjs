// What is given to the page, sorted out: checkpoints by folder, names and content, and a sentence
// for each file that is none.
import assert from 'node:assert/strict';
import test from 'node:test';
import { groupByFolder, splitSets } from '../../www/app/grouping.js';
import { sortOut } from '../../www/app/sort-out.js';
import { findIdentical } from '../../www/app/identical.js';
import { explainMismatch } from '../../www/app/mismatch.js';
import { shorterSides } from '../../www/app/proposal.js';
import { proposeK } from '../../www/report/directions-words.js';
import { guessBase, readHints } from '../../www/app/roles.js';
import { sniff } from '../../www/app/sniff.js';

/** A safetensors file of these tensors, each of one F32. */
function weights(...names) {
  const header = JSON.stringify(
    Object.fromEntries(
      names.map((name, i) => [
        name,
        { dtype: 'F32', shape: [1], data_offsets: [4 * i, 4 * i + 4] },
      ]),
    ),
  );
  return withLength(header, header.length, new Uint8Array(4 * names.length).fill(1));
}
function withLength(header, length, data = new Uint8Array(0)) {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return new Blob([size, header, data]);
}
const found = (files, emptyFolders = []) => ({
  files: Object.entries(files).map(([path, content]) => ({
    path,
    file: new File([content], path.split('/').at(-1)),
  })),
  emptyFolders,
});
const POINTER =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4665a5ea423c2713d436b5ee50593a9640e0' +
  '018c1550b5a0002f74190d6caea8\nsize 988097824\n';
const TORCH = 'PK\x03\x04\0\0\b\b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0archive/data.pkl';
const HASH = (letter, length = 64) => letter.repeat(length);

test('what a file is follows from its content', async () => {
  for (const [content, kind] of [
    [weights('w'), 'safetensors'],
    [withLength('{"a": [', 7), 'safetensors'],
    // Lengths whose bytes are also the beginning of a pickle and of a gzip file.
    [withLength(`{${' '.repeat(639)}`, 640), 'safetensors'],
    [withLength(`{${' '.repeat(35614)}`, 0x8b1f), 'safetensors'],
    [withLength('{}', 2 ** 40), 'truncated'],
    [POINTER, 'lfs'],
    [TORCH, 'torch'],
    ['\x80\x02\x8a\x0alFc', 'torch'],
    ['PK\x03\x04 holds a document', 'zip'],
    ['GGUF\x03\0\0\0', 'gguf'],
    ['%PDF-1.7', 'pdf'],
    ['<!DOCTYPE html><title>Sign in</title>', 'web_page'],
    ['{"model_type": "qwen2"}', 'json'],
    // A text of which the ninth character is a brace is no header of 10^18 bytes.
    ['A note: {not weights}', 'unknown'],
    ['', 'empty'],
    ['\x01\x02\x03', 'unknown'],
  ]) {
    const blob = content instanceof Blob ? content : new Blob([Buffer.from(content, 'latin1')]);
    assert.equal(await sniff(blob), kind, String(content));
  }
});

/** What the analyser is asked of: the name, and those of the files. */
const ask = ({ name, files }) =>
  Promise.resolve(`${name} holds ${files.map((file) => file.name).join(', ')}`);
const sort = (given, options = {}) => sortOut(given, { ask, ...options });

test('of what holds no weights the analyser is asked, of each folder by itself', async () => {
  for (const [files, ...sentences] of [
    [{ 'run/model.safetensors': POINTER }, 'run holds model.safetensors'],
    [{ 'bin/config.json': '{}', 'bin/a/model.h5': 'x' }, 'bin holds config.json, a/model.h5'],
    [{ 'm.safetensors': TORCH }, 'm holds m.safetensors'],
    [{ 'model.safetensors': '<html>' }, 'model.safetensors holds model.safetensors'],
    [{ 'old.pt': POINTER }, 'old holds old.pt'],
    [{ 'paper.pdf': '%PDF-1.7' }, 'paper.pdf holds paper.pdf'],
    [{ 'cut.safetensors': withLength('{}', 999) }, 'cut holds cut.safetensors'],
    [{ 'd/zero.safetensors': '' }, 'd holds zero.safetensors'],
    [{ 'd/a.txt': 'x', 'e/b.txt': 'y' }, 'd holds a.txt', 'e holds b.txt'],
    [{ 'd/.cache/model.bin': TORCH }, 'd holds .cache/model.bin'],
    [{ 'd/optimizer_0/__0_0.distcp': 'x' }, 'd holds optimizer_0/__0_0.distcp'],
  ]) {
    const { checkpoints, refused } = await sort(found(files));
    assert.deepEqual([checkpoints, refused], [[], sentences]);
  }
  const empty = async (folder) => (await sort(found({}, [folder]))).refused;
  assert.match((await empty('runs'))[0], /^“runs” is empty, or holds only links/);
  assert.match(
    (await empty(`snapshots/${HASH('c', 40)}`))[0],
    /its files are links.*Select the files inside it, or drop the whole folder models--/,
  );
});

test('what the analyser can open is a checkpoint, however it begins', async () => {
  const opens = { ask: () => Promise.resolve(null) };
  assert.equal((await sort(found({ 'm/model.safetensors': '' }), opens)).checkpoints.length, 1);
});

test('a checkpoint with a good file keeps its bad ones', async () => {
  const { checkpoints, refused } = await sort(
    found({
      'm/model-00001-of-00002.safetensors': weights('a'),
      'm/model-00002-of-00002.safetensors': POINTER,
    }),
  );
  assert.deepEqual(
    checkpoints.map(({ files }) => files.length),
    [2],
  );
  assert.deepEqual(refused, []);
});

test('what was given beside a checkpoint and is none is said', async () => {
  const { checkpoints, refused } = await sort(
    found({
      'm/model.safetensors': weights('a'),
      'm/paper.pdf': '%PDF-1.7',
      'm/tokenizer.json': '{}',
      'paper.pdf': '%PDF-1.7',
      'config.json': '{}',
      'state/optimizer.pt': 'PK',
    }),
  );
  assert.equal(checkpoints.length, 1);
  assert.deepEqual(refused, ['paper.pdf holds paper.pdf', 'state holds optimizer.pt']);
});

test('the order is that of the drop, and a natural one within a folder', () => {
  const names = (...paths) =>
    groupByFolder(paths.map((path) => ({ path, file: {} }))).map(({ name }) => name);
  assert.deepEqual(
    names('zeta/model.safetensors', 'alpha/model.safetensors', 'mid/model.safetensors'),
    ['zeta', 'alpha', 'mid'],
  );
  assert.deepEqual(
    names(
      'run/checkpoint-100/model.safetensors',
      'run/checkpoint-20/model.safetensors',
      'a/model.safetensors',
    ),
    ['checkpoint-20', 'checkpoint-100', 'a'],
  );
  assert.deepEqual(names('x/step-1/model.safetensors', 'y/step-1/model.safetensors'), [
    'x/step-1',
    'y/step-1',
  ]);
  assert.deepEqual(names('a/x/s/model.safetensors', 'b/x/s/model.safetensors'), ['a/x/s', 'b/x/s']);
});

test('single files of two models are two checkpoints', () => {
  const group = (paths, options) =>
    groupByFolder(
      paths.map((path) => ({ path, file: {} })),
      options,
    ).map(({ name, files }) => [name, files.map((one) => one.name)]);
  const two = [
    'qwen-00001-of-00002.safetensors',
    'qwen-00002-of-00002.safetensors',
    'llama-00001-of-00003.safetensors',
  ];
  assert.deepEqual(group(two), [
    ['qwen', two.slice(0, 2)],
    ['llama', two.slice(2)],
  ]);
  assert.deepEqual(group(two, { asOne: true }), [['qwen', [...two].sort()]]);
  assert.deepEqual(group(['base.safetensors', 'tuned.safetensors']), [
    ['base', ['base.safetensors']],
    ['tuned', ['tuned.safetensors']],
  ]);
  // A folder is one checkpoint: the analyser chooses a set of its files, and names the others.
  for (const [names, count] of [
    [['m/model-00001-of-00002.safetensors', 'm/model-00001-of-00003.safetensors'], 1],
    [['m/model-00001-of-00001.safetensors', 'm/consolidated.safetensors'], 1],
    [['m/qwen-00001-of-00001.safetensors', 'm/llama-00001-of-00001.safetensors'], 2],
    [['m/model.safetensors', 'm/original/model.safetensors'], 1],
    [['m/original/model.safetensors'], 1],
    // Slices by rank are of one save.
    [
      [
        'shard-00001-model-00001-of-00001.safetensors',
        'shard-00002-model-00001-of-00001.safetensors',
      ],
      1,
    ],
  ])
    assert.equal(group(names).length, count, names.join());
  assert.deepEqual(group(['m/model.safetensors', 'm/original/model.safetensors', 'm/q.gguf']), [
    ['m', ['model.safetensors', 'original/model.safetensors', 'q.gguf']],
  ]);
  // Folders inside that hold other formats are its own; those with safetensors are runs, unless the
  // whole was given as one.
  const run = ['m/model.safetensors', 'm/s/ema.pt', 'm/checkpoint-1/model.safetensors'];
  assert.deepEqual(group(run), [
    ['m', ['model.safetensors', 's/ema.pt']],
    ['checkpoint-1', ['model.safetensors']],
  ]);
  assert.deepEqual(group(run, { asOne: true }), [
    ['m', ['checkpoint-1/model.safetensors', 'model.safetensors', 's/ema.pt']],
  ]);
  // Shards of ranks, and the descriptions beside them.
  assert.deepEqual(
    group([
      'c/pytorch_model_fsdp_0/.metadata',
      'c/pytorch_model_fsdp_0/__0_0.distcp',
      'c/optimizer_0/__0_0.distcp',
      'c/config.json',
      'c/optimizer.pt',
      'c/.cache/model.bin',
    ]),
    [
      [
        'c',
        [
          'config.json',
          'optimizer_0/__0_0.distcp',
          'pytorch_model_fsdp_0/.metadata',
          'pytorch_model_fsdp_0/__0_0.distcp',
        ],
      ],
    ],
  );
  const single = ['.metadata', '__0_0.distcp', '__1_0.distcp', 'model_world_size_2_rank_0.pt'];
  assert.deepEqual(group([...single, 'model_world_size_2_rank_1.pt']), [
    ['', ['.metadata', '__0_0.distcp', '__1_0.distcp']],
    ['', ['model_world_size_2_rank_0.pt', 'model_world_size_2_rank_1.pt']],
  ]);
  // Parts that are numbered without a total belong together, and so does a folder's other file.
  assert.equal(group(['rank_0.safetensors', 'rank_1.safetensors']).length, 1);
  assert.equal(group(['m/model.safetensors', 'm/extra.safetensors']).length, 1);
  assert.deepEqual(splitSets(['model.safetensors', 'model.safetensors']), [[0], [1]]);
});

test('a Hub cache: blobs are named by their content, the run by its folder', async () => {
  const blobs = 'models--Qwen--Qwen2.5-0.5B/blobs';
  const index = JSON.stringify({
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  });
  const cache = {
    [`${blobs}/${HASH('1')}`]: weights('b'),
    [`${blobs}/${HASH('2')}`]: weights('a'),
    [`${blobs}/${HASH('3', 40)}`]: index,
    [`${blobs}/${HASH('4', 40)}`]: '{"model_type": "qwen2"}',
    [`${blobs}/${HASH('5', 40)}`]: '{"added_tokens": []}',
    'models--Qwen--Qwen2.5-0.5B/refs/main': HASH('9', 40),
  };
  const snapshot = `models--Qwen--Qwen2.5-0.5B/snapshots/${HASH('9', 40)}`;
  const { checkpoints, refused } = await sort(found(cache, [snapshot]));
  assert.deepEqual(refused, []);
  assert.deepEqual(
    checkpoints.map(({ name, files }) => [name, files.map((one) => one.name).sort()]),
    [
      [
        'Qwen/Qwen2.5-0.5B',
        [
          'config.json',
          'model-00001-of-00002.safetensors',
          'model-00002-of-00002.safetensors',
          'model.safetensors.index.json',
        ],
      ],
    ],
  );
  const second = checkpoints[0].files.find(({ name }) => name.startsWith('model-00002'));
  assert.deepEqual(
    Buffer.from(await second.blob.arrayBuffer()),
    Buffer.from(await weights('b').arrayBuffer()),
  );

  // A model of a time before safetensors.
  const old = {
    'models--o--m/blobs/a1': 'no blob',
    [`models--o--m/blobs/${HASH('1')}`]: TORCH,
    [`models--o--m/blobs/${HASH('4', 40)}`]: '{"model_type": "gpt2"}',
  };
  assert.deepEqual(
    (await sort(found(old), { ask: () => Promise.resolve(null) })).checkpoints.map(
      ({ name, files }) => [name, files.map((file) => file.name)],
    ),
    [['o/m', ['config.json', 'pytorch_model.bin']]],
  );
  const shards = await sort(found({ ...old, [`models--o--m/blobs/${HASH('2')}`]: TORCH }));
  assert.match(shards.refused[0], /“o\/m” holds 2 files of weights that are no safetensors/);

  // Two revisions hold the same tensors: which is which cannot be told.
  const two = await sort(found({ ...cache, [`${blobs}/${HASH('6')}`]: weights('a') }));
  assert.equal(two.checkpoints.length, 0);
  assert.match(two.refused[0], /“Qwen\/Qwen2\.5-0\.5B” holds the same tensors more than once/);

  // A browser that follows the links lists the files with their names.
  const listed = await sort(
    found({ ...cache, [`${snapshot}/model.safetensors`]: weights('a', 'b') }),
  );
  assert.deepEqual(
    listed.checkpoints.map(({ name, files }) => [name, files.map((one) => one.name)]),
    [['Qwen/Qwen2.5-0.5B', ['model.safetensors']]],
  );
  // Of several revisions, that of refs/main is in use.
  const other = snapshot.replaceAll('9', '8');
  const revisions = { ...cache, [`${other}/model.safetensors`]: weights('b') };
  const used = await sort(
    found({ ...revisions, [`${snapshot}/model.safetensors`]: weights('a', 'b') }),
  );
  assert.deepEqual(
    used.checkpoints.map(({ name }) => name),
    ['Qwen/Qwen2.5-0.5B'],
  );
  assert.match(
    (await sort(found({ 'models--a--b/refs/main': 'x' }, ['models--a--b/snapshots/abc'])))
      .refused[0],
    /^models--a--b holds refs\/main$/,
  );
});

const whole = { isPart: false, origin: null };
test('the base is guessed by what others say of it, by its name, or as the first', () => {
  const guess = (...all) => guessBase(all.map(([name, hints = whole]) => ({ name, hints })));
  assert.deepEqual(guess(['zz-grpo'], ['sft']), { place: 0, reason: 'first' });
  assert.deepEqual(guess(['a-grpo'], ['my-base'], ['sft']), { place: 1, reason: 'named' });
  assert.deepEqual(guess(['database'], ['x']), { place: 0, reason: 'first' });
  assert.deepEqual(
    guess(['base-rl', { isPart: false, origin: 'Qwen/Qwen2.5-0.5B' }], ['hub/Qwen2.5-0.5B']),
    { place: 1, reason: 'origin' },
  );
  assert.deepEqual(guess(['lora', { isPart: true, origin: null }], ['model']), {
    place: 1,
    reason: 'first',
  });
  assert.equal(guess(['delta', { isPart: true, origin: null }]), null);
});

test('a checkpoint’s files tell what it was made from, and whether it is a part', async () => {
  const hints = (files) =>
    readHints(
      Object.entries(files).map(([name, content]) => ({ name, blob: new File([content], name) })),
    );
  assert.deepEqual(
    await hints({
      'adapter_config.json': '{"base_model_name_or_path": "org/model"}',
      'adapter_model.safetensors': weights('a'),
    }),
    { isPart: true, origin: 'org/model' },
  );
  const sparse = '{"__metadata__":{"sparse":"True"}}';
  assert.equal((await hints({ 'd.safetensors': withLength(sparse, sparse.length) })).isPart, true);
  assert.deepEqual(await hints({ 'config.json': 'broken', 'm.safetensors': weights('a') }), whole);
});

test('a smaller k is proposed where k covers a tenth of the matrices', () => {
  const sides = shorterSides([
    { shape: [32, 24], has_spectrum: true },
    { shape: [24, 32], has_spectrum: true },
    { shape: [7], has_spectrum: false },
    // A depthwise convolution.
    { shape: [512, 4], has_spectrum: false },
  ]);
  assert.deepEqual(sides, [24, 24]);
  assert.deepEqual(proposeK(sides, 64), { k: 8, covered: 2, matrices: 2 });
  assert.equal(proposeK(sides, 8), null);
  // One of 11 is less than a tenth, one of ten is not; who takes what is proposed gets no other.
  assert.equal(proposeK([15, ...Array(10).fill(4096)], 64), null);
  assert.deepEqual(proposeK([24, ...Array(9).fill(4096)], 64), { k: 8, covered: 1, matrices: 10 });
  const sample = [15, 15, ...Array(12).fill(64), ...Array(30).fill(192)];
  assert.deepEqual(proposeK(sample, 64), { k: 32, covered: 14, matrices: 44 });
  assert.equal(proposeK(sample, 32), null);
  // Nothing is smaller than 1.
  assert.equal(proposeK([1, 1], 1), null);
  assert.equal(proposeK([], 64), null);
  assert.equal(proposeK([64, 64, 64], 64).k, 32);
});

test('without a common tensor, one name of each side is told', () => {
  const run = {
    checkpoint: { name: 'sft' },
    compared: 0,
    left_out: [
      { name: 'model.layers.0.q', reason: 'only_in_base', detail: 'x' },
      { name: 'transformer.h.0.attn', reason: 'only_in_tuned', detail: 'y' },
    ],
  };
  assert.equal(
    explainMismatch(run, true),
    'No tensor of sft matches the base. The base has model.layers.0.q, sft has ' +
      'transformer.h.0.attn.',
  );
  assert.equal(explainMismatch({ ...run, compared: 1 }, true), null);
  assert.equal(explainMismatch(run, false), null);
});

test('the same checkpoint twice is noticed, one that differs in a weight is not', async () => {
  const folder = (name, content, file = 'model.safetensors') => ({
    name,
    files: [{ name: file, blob: new File([content], file) }],
  });
  const other = new Uint8Array(await weights('a').arrayBuffer());
  other[other.length - 1] ^= 1;
  const found1 = await findIdentical({
    base: folder('base', weights('a')),
    tuned: [folder('copy', weights('a'), 'renamed.safetensors'), folder('tuned', other)],
  });
  assert.equal(found1.length, 1);
  assert.match(found1[0], /^copy looks identical to the base, base: /);
});
