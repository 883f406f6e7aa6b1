// npm run bench: Gatescope natively and in the browser beside a user's PyTorch script, on one
// generated pair.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { buildPage } from './lib/page.mjs';
import { main, messageOf, Problem } from './lib/problem.mjs';
import { fromRoot } from './lib/root.mjs';
import { say, show } from './lib/run.mjs';
import { ensureChromium } from './setup/browser.mjs';
import { ensureBenchPython } from './bench/python.mjs';
import { accuracy, floors, ofReport } from './bench/figures.mjs';
import { table } from './bench/table.mjs';

const K = 64;
const EXACT_LIMIT = 512;
// The page starts at most so many workers (www/engine/take-tasks.js); natively and in PyTorch no
// more cores may be used then.
const MOST_CORES = 8;

function counts() {
  const options = /** @type {const} */ ({
    layers: { type: 'string', default: '2' },
    repeats: { type: 'string', default: '3' },
  });
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new Problem(messageOf(error));
  }
  const [layers, repeats] = [Number(values.layers), Number(values.repeats)];
  if (![layers, repeats].every((n) => Number.isInteger(n) && n >= 1))
    throw new Problem('--layers and --repeats take whole numbers, 1 or more.');
  return { layers, repeats };
}

/** @param {number[]} values */
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.length - 1;
  return (sorted[Math.floor(last / 2)] + sorted[Math.ceil(last / 2)]) / 2;
};
/** @param {number[]} values */
const summary = (values) => ({ seconds: median(values), best: Math.min(...values), all: values });

/**
 * One warm run, then the repeats: wall-clock of the whole program, and what its report gives as its
 * own time.
 *
 * @param {string} name
 * @param {number} repeats
 * @param {string} out where the program writes its report
 * @param {() => Promise<void>} run
 */
async function time(name, repeats, out, run) {
  say(`${name}: one warm run and ${repeats} timed`);
  const wall = [];
  const compute = [];
  for (let i = 0; i <= repeats; i += 1) {
    const began = performance.now();
    await run();
    const seconds = (performance.now() - began) / 1000;
    const own = JSON.parse(readFileSync(out, 'utf8')).timings.total;
    if (i > 0) {
      wall.push(seconds);
      compute.push(own);
    }
  }
  return {
    wall: summary(wall),
    compute: summary(compute),
    report: JSON.parse(readFileSync(out, 'utf8')),
  };
}

await main(async () => {
  const { layers, repeats } = counts();
  const cores = Math.min(MOST_CORES, os.availableParallelism());
  const env = {
    RAYON_NUM_THREADS: String(cores),
    OMP_NUM_THREADS: String(cores),
    MKL_NUM_THREADS: String(cores),
    GATESCOPE_BUILT: '1',
  };
  const python = await ensureBenchPython();
  await ensureChromium();
  await buildPage();
  say('compiling the native program');
  await show(
    'the native program could not be compiled',
    'cargo',
    ['build', '--release', '--locked', '-p', 'gatescope'],
    { quiet: true },
  );

  const folder = fromRoot('.cache', 'bench');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    /** @param {string} name */
    const file = (name) => fromRoot('.cache', 'bench', name);
    say(`making a pair with ${layers} layers of Qwen2.5-0.5B's shapes`);
    await show(
      'the pair could not be made',
      python,
      ['scripts/bench/make_pair.py', folder, '--layers', String(layers)],
      { env, quiet: true },
    );
    const sides = [
      '--base',
      file('base'),
      '--tuned',
      file('tuned'),
      '--k',
      String(K),
      '--exact-limit',
      String(EXACT_LIMIT),
      '--backend',
      'cpu',
    ];
    const program = fromRoot(
      'target',
      'release',
      process.platform === 'win32' ? 'gatescope.exe' : 'gatescope',
    );
    const native = await time('native', repeats, file('native.json'), () =>
      show('the native program failed', program, [...sides, '--out', file('native.json')], {
        env,
        quiet: true,
      }),
    );
    const browser = await time('headless Chromium', repeats, file('browser.json'), () =>
      show(
        'the page failed',
        process.execPath,
        ['scripts/analyze.mjs', ...sides, '--out', file('browser.json'), '--quiet'],
        { env, quiet: true },
      ),
    );
    say('PyTorch and the float64 truth (full decompositions take minutes)');
    await show(
      'the PyTorch script failed',
      python,
      [
        'scripts/bench/torch_user.py',
        folder,
        file('torch.json'),
        '--k',
        String(K),
        '--threads',
        String(cores),
        '--repeats',
        String(repeats),
      ],
      { env, quiet: true },
    );

    const torch = JSON.parse(readFileSync(file('torch.json'), 'utf8'));
    const { truth } = torch.found;
    /** @param {Record<string, import('./bench/figures.mjs').Found>} found */
    const errors = (found) => accuracy(found, truth, K);
    const measured = [
      { part: 'native, wall', ...native.wall, ...errors(ofReport(native.report)) },
      { part: 'native, compute', ...native.compute },
      { part: 'browser, wall', ...browser.wall, ...errors(ofReport(browser.report)) },
      { part: 'browser, compute', ...browser.compute },
      { part: 'torch isclose', ...summary(torch.times.isclose.all) },
      {
        part: 'torch svd_lowrank',
        ...summary(torch.times.svd_lowrank.all),
        ...errors(torch.found.svd_lowrank),
      },
      {
        part: 'torch full SVD f32',
        ...summary(torch.times.full_svd.all),
        ...errors(torch.found.full_svd),
      },
    ];
    const unit = summary(torch.times.svd_lowrank.all);
    const rows = measured.map((row) => ({
      ...row,
      ratio: row.seconds / unit.seconds,
      ratioOfBest: row.best / unit.best,
    }));
    const result = {
      created: new Date().toISOString(),
      processor: os.cpus()[0]?.model.trim(),
      cores,
      load: os.loadavg()[0],
      layers,
      repeats,
      k: K,
      workers: browser.report.backend.workers,
      torch: torch.torch,
      relativeUpdate: torch.relative_update,
      floors: floors(torch.shapes, native.report),
      rows,
    };
    writeFileSync(fromRoot('.cache', 'bench.json'), `${JSON.stringify(result, null, 2)}\n`);
    console.log(table(result));
  } finally {
    // A pair of many layers is too large to leave behind.
    rmSync(folder, { recursive: true, force: true });
  }
});
