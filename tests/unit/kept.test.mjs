// What is kept of a run: found again by the same inputs only, forgotten in time, and never in the
// way.
import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import test from 'node:test';
import { openDB } from 'idb';
import { DEFAULTS } from '../../www/report/settings.js';
import { openKept } from '../../www/engine/kept.js';
import { identifyRun } from '../../www/engine/identity.js';
import { sampleBytes, shareSamples } from '../../www/engine/sampled-bytes.js';

const DAY = 24 * 3600 * 1000;
const result = (text) => ({ results: `[[0,"${text}"]]`, stages: { diff: 1 }, failed: false });

/** Keeps one tensor under a key, as a run at that time would, and waits until it is stored. */
async function keep(key, now, name = 'w') {
  const kept = await openKept(key, { now });
  kept.keep(name, result(key));
  kept.close();
}
async function found(key, now) {
  const kept = await openKept(key, { now });
  kept.close();
  return [...kept.found];
}

test('what is kept is found under its key and no other', async () => {
  await keep('a', 1, 'w');
  await keep('a', 2, 'v');
  assert.deepEqual(
    (await found('a', 3)).map(([name, { results }]) => [name, results]),
    [
      ['v', '[[0,"a"]]'],
      ['w', '[[0,"a"]]'],
    ],
  );
  assert.deepEqual(await found('aa', 4), []);
});

test('a run can be forgotten', async () => {
  await keep('gone', 1);
  const kept = await openKept('gone', { now: 2 });
  await kept.forget();
  kept.close();
  assert.deepEqual([kept.found.size, (await found('gone', 3)).length], [0, 0]);
});

test('runs that are old or many are forgotten, the latest stay', async () => {
  for (let i = 0; i < 10; i += 1) await keep(`run ${i}`, 100 * DAY + i);
  assert.deepEqual(
    [(await found('run 1', 100 * DAY + 20)).length, (await found('run 9', 100 * DAY + 21)).length],
    [0, 1],
  );
  const db = await openDB('gatescope', 2);
  assert.equal(await db.count('runs'), 8);
  await keep('new', 140 * DAY);
  assert.deepEqual(
    [await db.getAllKeys('runs'), await db.getAllKeys('results')],
    [['new'], [['new', 'w']]],
  );
  db.close();
});

test('a database that is refused, silent or full is as if nothing were kept', async () => {
  const { indexedDB } = globalThis;
  for (const open of [
    () => {
      throw new DOMException('not in this window', 'SecurityError');
    },
    () => new EventTarget(),
  ]) {
    globalThis.indexedDB = { open };
    const kept = await openKept('a', { patience: 20 });
    assert.equal(kept.found.size, 0);
    assert.doesNotThrow(() => kept.keep('w', result('x')));
    await kept.forget();
  }
  globalThis.indexedDB = indexedDB;
  const kept = await openKept('full');
  // What cannot be cloned fails as a full disk does: the request is refused.
  assert.doesNotThrow(() => kept.keep('w', () => {}));
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  kept.keep('v', result('v'));
  kept.close();
  assert.deepEqual(await found('full'), []);
  assert.equal((await openKept(null)).found.size, 0);
});

const header = (text, data) => {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([size, Buffer.from(text), Buffer.from(data)]);
};
const file = (content, { name = 'model.safetensors', lastModified = 5 } = {}) => ({
  name,
  blob: new File([content], name, { lastModified }),
});
const given = (...tuned) => ({
  base: { name: 'base', files: [file(header('{"w":1}', 'abc'))] },
  tuned: tuned.map((one) => ({ name: 'tuned', files: [one] })),
});
const CPU = { kind: 'cpu', adapter: null, detail: 'x', workers: 2 };

test('the digest is that of what a figure depends on, and of nothing else', async () => {
  const tuned = file(header('{"w":2}', 'xyz'));
  const of = (input, settings = DEFAULTS, backend = CPU, generator = 'gatescope 1') =>
    identifyRun(input, settings, backend, generator);
  const first = await of(given(tuned));
  assert.match(first, /^[0-9a-f]{64}$/);
  const renamed = given(tuned);
  renamed.base.name = 'another name of the same files';
  for (const same of [
    of(renamed),
    of(given(tuned), { ...DEFAULTS, layers: '0-3', backend: 'cpu' }),
    of(given(tuned), { ...DEFAULTS, comparison: 'per_step' }),
    of(given(tuned), DEFAULTS, { ...CPU, detail: 'y', workers: 1 }),
  ]) {
    assert.equal(await same, first);
  }
  const fisher = (content) => ({
    ...given(tuned),
    fisher: { name: 'f', files: [file(header('{"w":4}', content), { name: 'f.safetensors' })] },
  });
  assert.equal(await of({ ...given(tuned), fisher: null }), first);
  const withConfig = (json) => ({
    ...given(tuned),
    tuned: [{ name: 'lora', files: [tuned, file(json, { name: 'adapter_config.json' })] }],
  });
  const others = [
    of(fisher('abc')),
    of(fisher('abcd')),
    of({ ...given(tuned), tuned: [...given(tuned).tuned, fisher('abc').fisher] }),
    of(given(file(header('{"w":3}', 'xyz')))),
    of(given(file(header('{"w":2}', 'abde')))),
    of(given(file(header('{"w":2}', 'xyz'), { lastModified: 6 }))),
    of(given(file(header('{"w":2}', 'xyz'), { name: 'other.safetensors' }))),
    of(given(tuned, tuned)),
    of(given(tuned), DEFAULTS, { kind: 'gpu', adapter: 'x' }),
    of(given(tuned), DEFAULTS, CPU, 'gatescope 2'),
    of(withConfig('{"lora_alpha": 8}')),
    of(withConfig('{"lora_alpha": 4}')),
    ...Object.entries({
      k: 16,
      alphas: [0.3],
      eta: 0,
      abs_tolerance: 0,
      exact_limit: 0,
      seed: 8,
      map_side: 0,
      comparison: 'steps',
      function_preserving: false,
    }).map(([key, value]) => of(given(tuned), { ...DEFAULTS, [key]: value })),
  ];
  assert.equal(new Set([first, ...(await Promise.all(others))]).size, others.length + 1);
});

test('files of one name, size, header and date are told apart by their bytes', async () => {
  const dated = (content) => file(header('{"w":1}', content), { lastModified: 1000 });
  const digests = await Promise.all(
    ['abcdef', 'abcdeg', 'bbcdef'].map((content) =>
      identifyRun(given(dated(content)), DEFAULTS, CPU, 'x'),
    ),
  );
  assert.equal(new Set(digests).size, 3);
});

test('of large files samples are read at even distances and at both ends of tensors', async () => {
  const [size, most] = [1 << 20, 16];
  const ranges = { v: [0, 300_000], w: [300_000, size] };
  const text = JSON.stringify(
    Object.fromEntries(
      Object.entries(ranges).map(([name, ends]) => [name, { data_offsets: ends }]),
    ),
  );
  const bytesOf = (change) => {
    const data = Buffer.alloc(size);
    if (change !== undefined) data[change] = 1;
    return header(text, data);
  };
  const start = 8 + text.length;
  const sample = async (change) => {
    let read = 0;
    const blob = new Blob([bytesOf(change)]);
    const slice = blob.slice.bind(blob);
    blob.slice = (from, to) => {
      read += to - from;
      return slice(from, to);
    };
    const head = bytesOf(change).subarray(0, start);
    const bytes = await sampleBytes(
      blob,
      head.buffer.slice(head.byteOffset, head.byteOffset + start),
      most,
    );
    return { read, digest: Buffer.from(bytes).toString('base64') };
  };
  const { read, digest } = await sample();
  assert.ok(read <= most * 4096 && read > 4096, `${read} bytes are read`);
  for (const seen of [0, 299_999, 300_000, size - 1])
    assert.notEqual((await sample(seen)).digest, digest, `byte ${seen}`);
  assert.equal((await sample(200_000)).digest, digest, 'not every byte of a large file is read');
});

test('a thousand shards take no more reads than one file, but for a few of each', () => {
  assert.equal(shareSamples(2, 60 << 20), null);
  assert.deepEqual(
    [1, 2, 60, 2000].map((files) => shareSamples(files, 2 ** 40)),
    [4096, 2048, 68, 8],
  );
});

test('a header that claims more than its file has is no obstacle', async () => {
  const broken = Buffer.alloc(16, 255);
  assert.match(await identifyRun(given(file(broken)), DEFAULTS, CPU, 'x'), /^[0-9a-f]{64}$/);
});
