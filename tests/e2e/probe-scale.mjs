// How the built page bears reports of many tensors: node tests/e2e/probe-scale.mjs [--report FILE]
// [--cases 10000x1,10000x3,19000x3]. Entries are made from those of a real report; with `w` behind
// a case (10000x1w) they keep all details, else those that the program writes for so many. Times of
// the main thread are of its processor time, which other programs do not lengthen.
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { parseArgs } from 'node:util';
import { mainThreadTasks } from './trace.mjs';
import { writeManyTensors } from '../unit/many-tensors.mjs';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { buildPage, servePage } from '../../scripts/lib/page.mjs';
import { fromRoot } from '../../scripts/lib/root.mjs';

const { values: options } = parseArgs({
  options: {
    report: { type: 'string', default: fromRoot('samples', 'report.json') },
    cases: { type: 'string', default: '10000x1w,10000x1,10000x3,19000x1,19000x3' },
  },
});

/** As crate/src/report/shorten.rs has them: up to so many matrices. */
const STEPS = [
  [2000, Infinity, Infinity, true],
  [4000, 32, 32, true],
  [5000, 16, 16, true],
  [12000, 16, 16, false],
  [Infinity, 0, 2, false],
];

/** Curves of a tensor, by the object that has them. */
const CURVES = {
  update: ['spectrum'],
  geometry: [
    'spectrum_base',
    'spectrum_tuned',
    'angles_left',
    'angles_right',
    'vector_rotation_left',
    'vector_rotation_right',
    'vector_rotation_uncertainty',
  ],
};

/** A map of so many cells that looks as random as the first cells of the real one. */
const cutMap = (coded, cells) => Buffer.from(coded, 'base64').subarray(0, cells).toString('base64');

/**
 * An entry as the program writes it in a report of so many matrices.
 * @param {number} matrices
 */
function shortenFor(matrices) {
  const [, side, length, sweeps] = STEPS.find(([most]) => matrices <= most) ?? STEPS[4];
  return (/** @type {any} */ entry) => {
    if (side === Infinity) return entry;
    for (const [owner, names] of Object.entries(CURVES))
      for (const name of names)
        if (entry[owner]?.[name]) entry[owner][name] = entry[owner][name].slice(0, length);
    for (const name of ['angles_left', 'angles_right', 'vectors_left', 'vectors_right'])
      if (entry.geometry?.chance[name])
        entry.geometry.chance[name] = entry.geometry.chance[name].slice(0, length);
    for (const name of ['row_density', 'column_density'])
      if (entry.precision?.[name])
        entry.precision[name].values = entry.precision[name].values.slice(0, length);
    for (const name of ['row_consensus', 'column_consensus'])
      if (entry[name]) entry[name].values = entry[name].values.slice(0, length);
    for (const name of ['maps', 'consensus_map']) {
      const map = side ? entry[name] : null;
      if (map) {
        const [rows, columns] = [Math.min(side, map.rows), Math.min(side, map.columns)];
        for (const coded of ['changed', 'update', 'principal', 'all'])
          if (map[coded]) map[coded] = cutMap(map[coded], rows * columns);
        Object.assign(map, { rows, columns });
      } else if (name in entry) entry[name] = null;
    }
    if (sweeps || !entry.masks) return entry;
    entry.heads = null;
    for (const mask of entry.masks) mask.sweep = [];
    if (entry.precision) entry.precision.magnitude_deciles = [];
    if (entry.geometry) Object.assign(entry.geometry, { sweep: [], along_spectrum: null });
    return entry;
  };
}

/**
 * Writes a report, and packs it as the page does.
 * @param {string} folder
 * @param {{ tensors: number, runs: number, whole: boolean }} made
 */
async function makeReport(folder, { tensors, runs, whole }) {
  const real = JSON.parse(readFileSync(options.report, 'utf8'));
  const change = whole ? undefined : shortenFor(tensors * runs);
  const file = path.join(folder, `${tensors}x${runs}.json`);
  const out = createWriteStream(file);
  for (const part of writeManyTensors({ tensors, runs, experts: 128, real, change }))
    if (!out.write(part)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  const packed = `${file}.gz`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(packed));
  return { file, packed, bytes: statSync(file).size, packedBytes: statSync(packed).size };
}

/** The largest memory that a renderer of this browser ever held, in bytes. */
function peakOfRenderers(/** @type {number} */ parent) {
  const peaks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const isOurs = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) >= parent;
        return command.includes('--type=renderer') && isOurs
          ? [1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1])]
          : [];
      } catch {
        return [];
      }
    });
  return Math.max(0, ...peaks);
}

/** What the main thread did until the page is quiet again, in milliseconds of processor time. */
async function timed(page, act, wait) {
  const tasks = await mainThreadTasks(page, async () => {
    await act();
    await new Promise((resolve) => {
      setTimeout(resolve, wait);
    });
  });
  return {
    busy: Math.round(tasks.reduce((sum, task) => sum + task, 0)),
    longest: Math.round(Math.max(0, ...tasks)),
  };
}

/** Opens a report in a fresh browser, and works with it. */
async function probe(url, file) {
  const browser = await launchChromium({ webgpu: false });
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(url, { waitUntil: 'load' });
    const session = await page.createCDPSession();
    const began = performance.now();
    let seconds = 0;
    const open = async () => {
      await (await page.$('#report-input'))?.uploadFile(file);
      await page.waitForSelector('.tensor-grid .row', { timeout: 180_000 });
      seconds = (performance.now() - began) / 1000;
    };
    const opening = await timed(page, open, 2500);
    const clicks = {};
    const step = async (name, act) => {
      clicks[name] = await timed(page, act, 900);
    };
    const click = (selector) => page.$eval(selector, (element) => element.click());
    await step('metric', () =>
      page.$eval('#metric', (select) => {
        select.value = select.options[Math.floor(select.options.length / 2)].value;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      }),
    );
    await step('sort', () => click('.tensor-grid .n .sort'));
    await step('sort by name', () => click('.tensor-grid [data-column=name]'));
    const filter = (text) =>
      page.$eval(
        '.tensor-table #filter',
        (input, value) => {
          input.value = value;
          input.dispatchEvent(new Event('input', { bubbles: true }));
        },
        text,
      );
    await step('filter', () => filter('rotation>5 -norm experts.3'));
    await step('next key', () => filter('rotation>5 -norm experts.'));
    await step('open', () => click('.tensor-grid .row:nth-child(3)'));
    await step('scroll', () =>
      page.$eval('.tensor-grid', (grid) => {
        grid.scrollTop = grid.scrollHeight / 2;
      }),
    );
    await step('next tensor', () => click('.tensor-grid .row:nth-child(5)'));
    if (await page.$('#run-chip-1')) {
      await step('other run', () => click('#run-chip-1'));
      await step('side by side', () => click('[data-key="arrangement multiples"]'));
      await step('one run', () => click('[data-key="arrangement one"]'));
    }
    await step('no filter', () => filter(''));
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const drawn = await page.$$eval('.tensor-grid .row', (rows) => rows.length);
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    const peak = peakOfRenderers(browser.process()?.pid ?? 0);
    return { seconds, opening, clicks, heap: usedSize, peak, drawn, nodes };
  } finally {
    await browser.close();
  }
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0);

await buildPage();
const server = await servePage({});
const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-probe-'));
try {
  for (const name of options.cases.split(',')) {
    const [, tensors, runs, whole] = /^(\d+)x(\d+)(w?)$/.exec(name) ?? [];
    const made = await makeReport(folder, {
      tensors: Number(tensors),
      runs: Number(runs),
      whole: whole === 'w',
    });
    const big = made.bytes > 20e6;
    for (const file of big ? [made.file, made.packed] : [made.file]) {
      const found = await probe(server.url, file);
      const clicks = Object.entries(found.clicks)
        .map(([what, { busy, longest }]) => `${what} ${busy} (${longest})`)
        .join(', ');
      const { opening } = found;
      console.log(
        `${name} ${path.extname(file)}: ${megabytes(made.bytes)} MB, packed ` +
          `${megabytes(made.packedBytes)} MB; open ${found.seconds.toFixed(1)} s, main thread ` +
          `${opening.busy} ms, longest task ${opening.longest} ms; heap ` +
          `${megabytes(found.heap)} MB, renderer's peak ${megabytes(found.peak)} MB; ` +
          `${found.drawn} rows, ${found.nodes} elements; main thread (longest task), ms: ${clicks}`,
      );
    }
    rmSync(made.file);
    rmSync(made.packed);
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
