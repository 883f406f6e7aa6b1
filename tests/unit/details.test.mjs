// A report read piece by piece is the report parsed at once, in two parts that go together again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { Collector } from '../../www/report/collect.js';
import { readWholeReport } from '../../www/report/read-whole.js';
import { loadOverlap, loadTensor, peekTensor, reportBlob } from '../../www/report/details.js';
import {
  OVERLAP_DETAILS,
  TENSOR_DETAILS,
  lightenOverlap,
  lightenTensor,
} from '../../www/report/lighten.js';
import { METRICS, availableMetrics } from '../../www/report/metrics.js';
import { parseReport } from './parse-report.mjs';
import { MOST_IN_CHUNK, readReport } from '../../www/report/read.js';
import { ReportScanner } from '../../www/report/scan.js';
import { manyTensors } from './many-tensors.mjs';

const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const versionOne = read('tests/unit/report-version-1.json');
const schema = JSON.parse(read('docs/report.schema.json'));

/** What a reader of a report in `pieces` of bytes finds. */
function scan(text, bytesAtOnce) {
  const found = [];
  const scanner = new ReportScanner((entry) => found.push(entry));
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += bytesAtOnce)
    scanner.push(bytes.slice(at, at + bytesAtOnce));
  return { found, around: scanner.finish() };
}

async function open(source) {
  const chunks = [];
  const collector = new Collector();
  const blob = source instanceof Blob ? source : new Blob([source]);
  const answer = await readReport(blob, (chunk) => {
    chunks.push(chunk);
    collector.take(chunk);
  });
  return { report: collector.finish(answer), chunks };
}

const plain = (value) => JSON.parse(JSON.stringify(value));
const text = JSON.stringify(manyTensors({ tensors: 3, runs: 2 }));

test('entries are found wherever the bytes are cut', () => {
  const tricky = JSON.stringify({
    format: '"runs": [{"tensors": [{}]}]',
    overlaps: [{ name: '}{][\\"', runs: [[1], [2]] }, { name: null }],
    runs: [
      { tensors: [{ name: 'ä\u2028\\', inner: { tensors: [{}] } }, { name: '{' }], tail: [[{}]] },
      { head: { tensors: [1] }, tensors: [] },
      { tensors: [{ name: 'z' }] },
    ],
    deep: { runs: [{ tensors: [{ name: 'no entry' }] }] },
  });
  const { runs, overlaps, ...rest } = JSON.parse(tricky);
  for (const spaced of [tricky, JSON.stringify(JSON.parse(tricky), null, 2)])
    for (const size of [1, 2, 3, 7, 64, 1 << 20]) {
      const { found, around } = scan(spaced, size);
      assert.deepEqual(
        found.map((entry) => [entry.list, entry.run, JSON.parse(entry.text)]),
        [
          ...overlaps.map((entry) => ['overlaps', -1, entry]),
          ...runs.flatMap((run, i) => run.tensors.map((entry) => ['tensors', i, entry])),
        ],
      );
      assert.deepEqual(JSON.parse(around), {
        ...rest,
        overlaps: [],
        runs: runs.map((run) => ({ ...run, tensors: [] })),
      });
      const bytes = Buffer.from(spaced);
      for (const { text: entry, from, to } of found)
        assert.equal(bytes.subarray(from, to).toString(), entry);
    }
});

test('a mark of the byte order and what is no entry do no harm', () => {
  assert.deepEqual(JSON.parse(scan('\ufeff{"runs":[]}', 2).around), { runs: [] });
  assert.deepEqual(JSON.parse(scan('{"runs":[{"tensors":[null,{}]}]}', 5).around), {
    runs: [{ tensors: [null, {}] }],
  });
  assert.throws(() => JSON.parse(scan('{"runs":[{"tensors":[{"a":1}', 5).around));
});

for (const [name, source] of [
  ['many tensors', text],
  ['version 1', versionOne],
])
  test(`light tensors and their details are the whole report: ${name}`, async () => {
    const whole = await readWholeReport(source);
    const { report } = await open(source);
    for (const [run, { tensors }] of report.runs.entries())
      for (const [i, light] of tensors.entries()) {
        const expected = whole.runs[run].tensors[i];
        const detailed = await loadTensor(report, run, light.name);
        assert.deepEqual(plain(detailed), plain(expected));
        for (const { id, value, chance } of METRICS)
          for (const alpha of report.settings.alphas.keys()) {
            assert.equal(value(light, alpha), value(expected, alpha), id);
            assert.deepEqual(chance?.(light, alpha), chance?.(expected, alpha), id);
          }
      }
    assert.deepEqual(
      availableMetrics(report).map(({ id }) => id),
      availableMetrics(whole).map(({ id }) => id),
    );
    for (const run of whole.runs) run.tensors.forEach(lightenTensor);
    whole.overlaps?.forEach(lightenOverlap);
    assert.deepEqual(plain(report), plain(whole));
  });

test('a chunk has no more tensors than a page can take in at once', async () => {
  const { chunks, report } = await open(
    JSON.stringify(manyTensors({ tensors: MOST_IN_CHUNK + 100, runs: 2 })),
  );
  assert.ok(chunks.every(({ count }) => count <= MOST_IN_CHUNK));
  assert.deepEqual(
    chunks.map(({ list, run, count }) => [list, run, count]),
    [
      ['tensors', 0, MOST_IN_CHUNK],
      ['tensors', 0, 100],
      ['tensors', 1, MOST_IN_CHUNK],
      ['tensors', 1, 100],
      ['overlaps', -1, MOST_IN_CHUNK],
      ['overlaps', -1, 101],
    ],
  );
  for (const { entries, count } of chunks) assert.equal(JSON.parse(entries).length, count);
  assert.deepEqual(
    report.runs.map(({ tensors }) => tensors.length),
    [MOST_IN_CHUNK + 100, MOST_IN_CHUNK + 100],
  );
});

test('the page is told the same of a bad file as of a bad text', async () => {
  const { runs: _, ...without } = JSON.parse(text);
  for (const bad of [
    '',
    'no json',
    text.slice(0, -100),
    '{}',
    '[]',
    JSON.stringify({ ...JSON.parse(text), version: 3 }),
    JSON.stringify(without),
    text.replace('"tensors":[{', '"tensors":[null,{'),
    text.replace('"status"', 'status'),
  ]) {
    let expected;
    try {
      parseReport(bad);
    } catch (error) {
      expected = error.message;
    }
    await assert.rejects(open(bad), (error) => {
      assert.equal(error.message, expected ?? 'This report is incomplete.');
      return true;
    });
  }
});

test('a report packed by gzip opens, a damaged one is refused', async () => {
  const packed = gzipSync(text);
  const { report } = await open(new Blob([packed]));
  assert.equal(report.runs[1].tensors.length, 3);
  assert.equal(await reportBlob(report).text(), text);
  const { name } = report.runs[0].tensors[1];
  assert.ok((await loadTensor(report, 0, name)).maps);
  await assert.rejects(open(new Blob([packed.subarray(0, 200)])), /packed by gzip, but damaged/);
});

test('details are kept for a while, and their loss is told', async () => {
  const { report } = await open(JSON.stringify(manyTensors({ tensors: 25, runs: 2 })));
  const names = report.runs[0].tensors.map(({ name }) => name);
  assert.equal(await loadTensor(report, 0, 'no such tensor'), null);
  assert.equal(await loadTensor(report, 7, names[0]), null);
  assert.equal(peekTensor(report, 0, names[0]), null);
  const first = await loadTensor(report, 0, names[0]);
  assert.equal(peekTensor(report, 0, names[0]), first);
  assert.equal(await loadTensor(report, 0, names[0]), first);
  assert.notEqual(await loadTensor(report, 1, names[0]), first);
  for (const name of names) await loadTensor(report, 0, name);
  assert.equal(peekTensor(report, 0, names[0]), null, 'the oldest went');
  assert.equal(peekTensor(report, 0, names.at(-1)).name, names.at(-1));
  const entry = await loadOverlap(report, report.overlaps[0]);
  assert.ok(entry.row_consensus.values.length && !report.overlaps[0].row_consensus.values);

  const blob = new Blob(['x']);
  const gone = { head: parseReport(text), blob, tensors: [[0, 1]], overlaps: [], metrics: [] };
  const collector = new Collector();
  collector.take({ list: 'tensors', run: 0, entries: '[{"name":"w","masks":[]}]', count: 1 });
  await assert.rejects(loadTensor(collector.finish(gone), 0, 'w'), /has changed or is gone/);
});

test('of a report that was parsed whole the details are there', async () => {
  const report = await readWholeReport(text);
  const [tensor] = report.runs[0].tensors;
  assert.equal(peekTensor(report, 0, tensor.name), tensor);
  assert.equal(await loadTensor(report, 0, tensor.name), tensor);
  assert.equal(await loadOverlap(report, report.overlaps[0]), report.overlaps[0]);
  assert.equal(reportBlob(report), null);
});

test('details are fields of the schema, and no metric reads one', () => {
  const { $defs: types } = schema;
  const resolve = (type) => {
    if (type.$ref) return types[type.$ref.split('/').at(-1)];
    return type.anyOf ? resolve(type.anyOf.find((one) => one.type !== 'null')) : type;
  };
  for (const [start, paths] of [
    ['TensorReport', TENSOR_DETAILS],
    ['Overlap', OVERLAP_DETAILS],
  ])
    for (const path of paths)
      path.split('.').reduce((type, step) => {
        const next = type.properties?.[step.replace('[]', '')];
        assert.ok(next, `${start}: ${path}`);
        return step.endsWith('[]') ? resolve(resolve(next).items) : resolve(next);
      }, types[start]);
});
