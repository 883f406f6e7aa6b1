// What can befall a run in a browser, each as an entry of one table: how it is brought about, and
// what has to hold afterwards. faults.test.mjs tries some, probe-faults.mjs all of them many times.
import assert from 'node:assert/strict';
import {
  copyFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { noise, safetensors } from './checkpoints.mjs';

export const TENSORS = 16;
const SIDE = 96;
const RUN_MS = 120_000;

/** Sixteen matrices of a model's layers, which differ from the base's by `scale`. */
const content = (scale) =>
  safetensors(
    Object.fromEntries(
      Array.from({ length: TENSORS }, (_, layer) => [
        `model.layers.${layer}.self_attn.q_proj.weight`,
        {
          shape: [SIDE, SIDE],
          data: noise(SIDE * SIDE, layer, 0.1).map((x, i) => x * (1 + scale * (i % 7))),
        },
      ]),
    ),
  );

/** A base and a tuned checkpoint in a folder, and what the tuned one may be changed into. */
export function makeCheckpoints(folder) {
  const at = (name, scale) =>
    path.join(folder.add(name, { 'model.safetensors': content(scale) }), 'model.safetensors');
  const [base, tuned, other] = [at('base', 0), at('tuned', 1e-3), at('other', 2e-3)];
  return { base, tuned, other, date: statSync(tuned).mtime };
}

/**
 * Runs in the page before all else: worker n of the page runs the n-th text of `harms` before its
 * own code, the last one also those after it.
 */
function installHarms(harms) {
  const left = [...harms];
  const RealBlob = Blob;
  const RealWorker = Worker;
  // The worker's code is a blob that the page makes; what is put before it waits for a message.
  const first = `addEventListener('message', function first(event) {
    if (event.data?.harm === undefined) return;
    event.stopImmediatePropagation();
    removeEventListener('message', first);
    if (event.data.harm) (0, eval)(event.data.harm);
  });\n`;
  window.Blob = class extends RealBlob {
    constructor(parts, options) {
      super(options?.type === 'text/javascript' ? [first, ...parts] : parts, options);
    }
  };
  window.Worker = class extends RealWorker {
    constructor(...args) {
      super(...args);
      this.postMessage({ harm: (left.length > 1 ? left.shift() : left[0]) ?? '' });
    }
  };
}

/** Destroys the device a moment after the worker is told to analyse its third tensor. */
const LOSE = `{
  const request = GPUAdapter.prototype.requestDevice;
  let device, told = 0;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    return (device = await request.apply(this, args));
  };
  addEventListener('message', ({ data }) => {
    if (data.method === 'analyze' && ++told === 3) setTimeout(() => device.destroy(), 5);
  });
}`;

/** Refuses every large buffer, as invalid or for want of memory. */
const refuse = (kind) => `{
  const create = GPUDevice.prototype.createBuffer;
  const pop = GPUDevice.prototype.popErrorScope;
  let refused = 0;
  GPUDevice.prototype.createBuffer = function (wanted) {
    const storage = wanted.usage & GPUBufferUsage.STORAGE;
    if (!storage || wanted.size < 32 << 10) return create.call(this, wanted);
    refused += 1;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE;
    return create.call(this, { ...wanted, usage });
  };
  if (${kind === 'memory'})
    GPUDevice.prototype.popErrorScope = async function () {
      await pop.call(this);
      return refused ? (refused = 0, new GPUOutOfMemoryError('no room')) : null;
    };
}`;

const NO_ADAPTER = 'GPU.prototype.requestAdapter = async () => null;';
const REJECTED_ADAPTER =
  "GPU.prototype.requestAdapter = async () => { throw new DOMException('no', 'OperationError'); };";
const NO_DEVICE =
  'GPUAdapter.prototype.requestDevice = async () => ' +
  "{ throw new DOMException('limits are too high', 'OperationError'); };";

/** Opens a page of its own, with its own storage, and gives it the two checkpoints. */
export async function openHarmed(browser, url, { harms = [], before, files, context } = {}) {
  const own = context ?? (await browser.createBrowserContext());
  const page = await own.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => dialog.accept());
  if (harms.length) {
    await page.setBypassCSP(true);
    await page.evaluateOnNewDocument(installHarms, harms);
  }
  if (before) await page.evaluateOnNewDocument(before);
  await page.goto(url, { waitUntil: 'load' });
  await giveFiles(page, files);
  return { page, problems, context: own, close: () => (context ? page.close() : own.close()) };
}

async function giveFiles(page, { base, tuned }) {
  await (await page.$('#base-input')).uploadFile(base);
  await (await page.$('#tuned-input-1')).uploadFile(tuned);
}

/** Starts a run; `ended` resolves to its report, or to the message of its error. */
export async function startRun(page, settings = {}) {
  await page.evaluate((given) => {
    window.finished = 0;
    window.gatescopeProgress = ({ done }) => {
      window.finished = done;
    };
    window.ended = window.gatescope.run({ k: 8, alphas: [0.3], ...given }).then(
      (report) => ({ report }),
      (error) => ({ error: error.message }),
    );
  }, settings);
  const ended = async () => {
    const { report, error } = await page.evaluate(() => window.ended);
    return { report: report && JSON.parse(report), error };
  };
  return { ended };
}

/** Waits until so many tensors are finished. */
const finished = (page, count) =>
  page.waitForFunction((least) => window.finished >= least, { timeout: RUN_MS, polling: 5 }, count);

/** The figures of a report's tensors: what must be the same with and without a fault. */
export const figuresOf = ({ runs }) =>
  Object.fromEntries(runs[0].tensors.map(({ seconds: _, ...tensor }) => [tensor.name, tensor]));

/** Asserts that two values are equal but for the accuracy of f32 sums. */
export function assertClose(found, wanted, at = '') {
  if (typeof wanted === 'number' && typeof found === 'number') {
    const near = Math.abs(found - wanted) <= 1e-6 + 2e-3 * Math.abs(wanted);
    assert.ok(near, `${at}: ${found} is not ${wanted}`);
  } else if (wanted && typeof wanted === 'object' && found && typeof found === 'object')
    Object.keys(wanted).forEach((key) => assertClose(found[key], wanted[key], `${at}.${key}`));
  else assert.deepEqual(found, wanted, at);
}

/** Counts and norms, which every device has to agree on. */
const agreed = (report) =>
  Object.fromEntries(
    report.runs[0].tensors.map(({ name, status, precision, update, geometry }) => [
      name,
      {
        status,
        counts: [precision.unchanged, precision.bit_equal, precision.non_finite],
        relative: update.relative ?? update.relative_update ?? null,
        nss: geometry.nss,
      },
    ]),
  );

/** All tensors are done, with the figures of an undisturbed run on the same device. */
export function assertSame({ report, error }, undisturbed) {
  assert.equal(error, undefined, error);
  assert.deepEqual(figuresOf(report), figuresOf(undisturbed));
}

/** The same within what two devices differ by. */
function assertAgrees({ report, error }, undisturbed) {
  assert.equal(error, undefined);
  assert.equal(report.runs[0].tensors.length, TENSORS);
  assertClose(agreed(report), agreed(undisturbed));
}

/** Some tensors are done with the right figures, the others failed in words that name the file. */
function assertChanged({ report, error }, undisturbed) {
  assert.equal(error, undefined);
  const { tensors } = report.runs[0];
  const failed = tensors.filter(({ status }) => status === 'failed');
  assert.equal(tensors.length, TENSORS);
  assert.ok(failed.length > 0 && failed.length < TENSORS, `${failed.length} failed`);
  for (const { error: said } of failed)
    assert.match(said, /model\.safetensors: .*was changed, moved or removed after it was chosen/);
  const whole = figuresOf(undisturbed);
  for (const [name, tensor] of Object.entries(figuresOf(report)))
    if (tensor.status === 'done') assert.deepEqual(tensor, whole[name]);
}

/** A fault of the GPU that a run outlives: what the report says of it. */
const gpuFault = (name, harms, words, { backend = 'gpu', short = false, kind = 'gpu' } = {}) => ({
  group: 'GPU',
  name,
  short,
  async run({ open, cpu }) {
    const { page } = await open({ harms });
    const outcome = await (await startRun(page, { backend })).ended();
    assertAgrees(outcome, cpu);
    assert.match(outcome.report.backend.detail, words);
    assert.equal(outcome.report.backend.kind, kind);
    await page.waitForSelector('#tab-method', { visible: true });
    await page.$eval('#tab-method', (tab) => tab.click());
    const method = await page.waitForSelector('[role=tabpanel] .method, [role=tabpanel]');
    const shown = await method.evaluate((panel) => panel.textContent);
    assert.match(shown.replace(/\s+/g, ' '), words);
  },
});

/** A database that fails in some way; runs in the page. */
const storageFault = (name, before, { short = false } = {}) => ({
  group: 'IndexedDB',
  name,
  short,
  async run({ open, cpu }) {
    const { page } = await open({ before });
    assertSame(await (await startRun(page, { backend: 'cpu' })).ended(), cpu);
  },
});

/** A file that changes in mid-run. */
const fileFault = (name, change, { short = false } = {}) => ({
  group: 'Files',
  name,
  short,
  async run({ open, cpu, files }) {
    const { page } = await open({ before: slowDown });
    const { ended } = await startRun(page, { backend: 'cpu' });
    await finished(page, 3);
    change(files);
    assertChanged(await ended(), cpu);
  },
});

/** Runs in the page: two workers, so that tensors are left when something happens. */
function slowDown() {
  Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 2 });
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function postMessage(data, ...rest) {
    if (data?.method !== 'analyze') return post.call(this, data, ...rest);
    return setTimeout(() => post.call(this, data, ...rest), 60);
  };
}

export const FAULTS = [
  gpuFault('there is no adapter', [NO_ADAPTER], /there is no WebGPU adapter/, {
    backend: 'auto',
    kind: 'cpu',
  }),
  gpuFault('the adapter is refused', [REJECTED_ADAPTER], /there is no WebGPU adapter/, {
    backend: 'auto',
    kind: 'cpu',
  }),
  gpuFault(
    'the adapter gives no device',
    [NO_DEVICE],
    /there is a WebGPU adapter, but it gave no device/,
    {
      backend: 'auto',
      kind: 'cpu',
      short: true,
    },
  ),
  gpuFault('the device is lost', [LOSE, ''], /the GPU was lost once \(.*a new device went on/),
  gpuFault(
    'the device is lost twice',
    [LOSE, LOSE, ''],
    /the GPU was lost twice \(.*the CPU went on; the CPU computed \d+ of 16 tensors/,
    { short: true },
  ),
  gpuFault(
    'large buffers are refused as invalid',
    [refuse('invalid')],
    /the CPU computed 16 of 16 tensors, as the GPU refused them/,
    { short: true, kind: 'cpu' },
  ),
  gpuFault(
    'large buffers find no room',
    [refuse('memory')],
    /the CPU computed 16 of 16 tensors, as the GPU refused them/,
    { kind: 'cpu' },
  ),
  {
    group: 'GPU',
    name: 'the GPU process is killed',
    async run({ browser, open, cpu }) {
      const { page } = await open({ before: slowDown });
      const { ended } = await startRun(page, { backend: 'gpu' });
      await finished(page, 3);
      const session = await browser.target().createCDPSession();
      await session.send('Browser.crashGpuProcess').catch(() => {});
      const outcome = await ended();
      assertAgrees(outcome, cpu);
      assert.match(outcome.report.backend.detail, /the GPU was lost/);
    },
  },
  {
    group: 'Workers',
    name: 'workers are ended from outside',
    async run({ open, cpu }) {
      const { page } = await open({
        before: () => {
          // Each tensor once: the second death of one is its own.
          const harmed = new Set();
          let told = 0;
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function postMessage(data, ...rest) {
            post.call(this, data, ...rest);
            if (data?.method !== 'analyze' || harmed.has(data.args[0]) || ++told % 4 !== 3) return;
            harmed.add(data.args[0]);
            setTimeout(() => this.terminate());
          };
        },
      });
      assertSame(await (await startRun(page, { backend: 'cpu' })).ended(), cpu);
    },
  },
  {
    group: 'Workers',
    name: 'each worker of one tensor is ended',
    outcome: 'that tensor fails, and no other',
    async run({ open }) {
      const { page } = await open({
        before: () => {
          let harmed = null;
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function postMessage(data, ...rest) {
            post.call(this, data, ...rest);
            if (data?.method !== 'analyze') return;
            harmed ??= data.args[0];
            if (data.args[0] === harmed) setTimeout(() => this.terminate());
          };
        },
      });
      const { report } = await (await startRun(page, { backend: 'cpu' })).ended();
      const failed = report.runs[0].tensors.filter(({ status }) => status === 'failed');
      assert.equal(failed.length, 1);
      assert.match(failed[0].error, /its worker died, and so did the fresh one/);
      assert.equal(report.runs[0].tensors.length, TENSORS);
    },
  },
  storageFault('opening it throws', () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('refused', 'SecurityError');
    };
  }),
  storageFault('it never answers', () => {
    IDBFactory.prototype.open = () => new EventTarget();
  }),
  storageFault('the browser has none', () => {
    Object.defineProperty(window, 'indexedDB', { value: undefined });
  }),
  storageFault('it is full', () => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no space is left', 'QuotaExceededError');
    };
  }),
  storageFault('it is full from the third tensor on', () => {
    const { put } = IDBObjectStore.prototype;
    let puts = 0;
    IDBObjectStore.prototype.put = function write(...args) {
      if (++puts > 3) throw new DOMException('no space is left', 'QuotaExceededError');
      return put.apply(this, args);
    };
  }),
  storageFault('another tab holds a newer version open', () => indexedDB.open('gatescope', 99)),
  {
    group: 'IndexedDB',
    name: 'it is deleted in mid-run',
    short: true,
    async run({ open, cpu }) {
      const { page } = await open({ before: slowDown });
      const { ended } = await startRun(page, { backend: 'cpu' });
      await finished(page, 3);
      const deleted = await page.evaluate(
        () =>
          new Promise((resolve) => {
            const request = indexedDB.deleteDatabase('gatescope');
            request.onsuccess = () => resolve('deleted');
            request.onblocked = () => resolve('blocked');
          }),
      );
      assert.equal(deleted, 'deleted');
      assertSame(await ended(), cpu);
    },
  },
  fileFault('it is overwritten', ({ tuned, other }) => copyFileSync(other, tuned), { short: true }),
  fileFault('it is overwritten and its date set back', ({ tuned, other, date }) => {
    copyFileSync(other, tuned);
    utimesSync(tuned, date, date);
  }),
  fileFault('it is cut to half', ({ tuned }) => truncateSync(tuned, TENSORS * SIDE * SIDE * 2)),
  fileFault('it is emptied', ({ tuned }) => writeFileSync(tuned, '')),
  fileFault('it is removed', ({ tuned }) => unlinkSync(tuned)),
  {
    group: 'Tab',
    name: 'it is in the background',
    async run({ open, cpu }) {
      const { page, context } = await open({});
      const { ended } = await startRun(page, { backend: 'cpu' });
      const other = await context.newPage();
      await other.bringToFront();
      assertSame(await ended(), cpu);
    },
  },
  {
    group: 'Tab',
    name: 'it is reloaded',
    async run({ open, cpu, files }) {
      const { page } = await open({ before: slowDown });
      await startRun(page, { backend: 'cpu' });
      await finished(page, 4);
      await page.evaluate(() => history.replaceState(null, '', location.pathname));
      await page.reload({ waitUntil: 'load' });
      await giveFiles(page, files);
      assertSame(await (await startRun(page, { backend: 'cpu' })).ended(), cpu);
    },
  },
  {
    group: 'Tab',
    name: 'it is closed, and another one goes on',
    async run({ open, cpu, files }) {
      const first = await open({ before: slowDown });
      await startRun(first.page, { backend: 'cpu' });
      await finished(first.page, 4);
      await first.page.close();
      const { page } = await open({ context: first.context, files });
      const { ended } = await startRun(page, { backend: 'cpu' });
      assertSame(await ended(), cpu);
      const kept = await page.$eval('.results .kept', (line) => line.textContent);
      assert.ok(Number.parseInt(kept, 10) >= 4, kept);
    },
  },
  {
    group: 'Tab',
    name: 'two compare the same at once',
    short: true,
    async run({ open, cpu }) {
      const first = await open({});
      const second = await open({ context: first.context });
      const runs = await Promise.all(
        [first, second].map(({ page }) => startRun(page, { backend: 'cpu' })),
      );
      for (const { ended } of runs) assertSame(await ended(), cpu);
    },
  },
  {
    group: 'Tab',
    name: 'a run is cancelled at a random moment',
    async run({ open, cpu, random }) {
      const { page } = await open({});
      const { ended } = await startRun(page, { backend: 'cpu' });
      await new Promise((resolve) => {
        setTimeout(resolve, 600 * random());
      });
      await page.evaluate(() => document.getElementById('cancel')?.click());
      const { report, error } = await ended();
      if (error) assert.match(error, /^Cancelled before a tensor was finished\.|Cancelled/);
      const whole = figuresOf(cpu);
      for (const [name, tensor] of Object.entries(report ? figuresOf(report) : {}))
        assert.deepEqual(tensor, whole[name]);
      assert.ok(page.workers().length <= 2, `${page.workers().length} workers are left`);
      assertSame(await (await startRun(page, { backend: 'cpu' })).ended(), cpu);
    },
  },
];

/** Brings a fault about in a page of its own; rejects where something does not hold. */
export async function tryFault(fault, { browser, url, files, cpu, random = Math.random }) {
  const opened = [];
  const open = async (options) => {
    const one = await openHarmed(browser, url, { files, ...options });
    opened.push(one);
    return one;
  };
  try {
    await fault.run({ browser, open, cpu, files, random });
    for (const { problems } of opened) assert.deepEqual(problems, []);
  } finally {
    for (const one of opened.reverse()) await one.close().catch(() => {});
  }
}
