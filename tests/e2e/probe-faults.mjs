// Brings about every fault of faults.mjs many times, damages reports, and runs one page for a long
// time. Not part of the tests:
//
//   node tests/e2e/probe-faults.mjs [--repeat 10] [--cancels 50] [--reports 300] [--analyses 200]
//
// Prints the table of docs/reliability.md.
import { parseArgs } from 'node:util';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { buildPage, servePage } from '../../scripts/lib/page.mjs';
import { smallReport } from '../unit/small-report.mjs';
import { FAULTS, makeCheckpoints, openHarmed, startRun, tryFault } from './faults.mjs';
import { damage, drawNumbers } from './mutants.mjs';

const { values: options } = parseArgs({
  options: {
    repeat: { type: 'string', default: '10' },
    cancels: { type: 'string', default: '50' },
    reports: { type: 'string', default: '300' },
    analyses: { type: 'string', default: '200' },
    backends: { type: 'string', default: 'cpu,gpu' },
    only: { type: 'string', default: '' },
  },
});

/** A folder of its own with the checkpoints, as `temporaryFolder` gives a test. */
function freshFiles() {
  const place = mkdtempSync(path.join(os.tmpdir(), 'gatescope-faults-'));
  const add = (name, files) => {
    mkdirSync(path.join(place, name));
    for (const [file, content] of Object.entries(files))
      writeFileSync(path.join(place, name, file), content);
    return path.join(place, name);
  };
  return { files: makeCheckpoints({ add }), remove: () => rmSync(place, { recursive: true }) };
}

const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);

async function probeFault(fault, shared) {
  const times = Number(fault.name.includes('cancelled') ? options.cancels : options.repeat);
  const wrong = [];
  for (let i = 0; i < times; i += 1) {
    const { files, remove } = freshFiles();
    try {
      await tryFault(fault, { ...shared, files, random: drawNumbers(i) });
    } catch (error) {
      wrong.push(error.message.slice(0, 300).slice(0, 200));
    }
    remove();
  }
  line(fault.group, fault.name, times, times - wrong.length, fault.outcome ?? 'all is computed');
  for (const what of new Set(wrong)) console.log(`  ${what}`);
}

/** Runs in the page: drops a report, walks through its tabs, and tells what came of it. */
async function dropAndWalk(text) {
  const pause = (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  history.replaceState(null, '', location.pathname);
  const problem = document.getElementById('problem');
  problem.textContent = '';
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], 'report.json', { type: 'application/json' }));
  document.body.dispatchEvent(
    new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }),
  );
  for (let waited = 0; waited < 1200 && !problem.textContent; waited += 20) await pause(20);
  if (problem.textContent) return problem.textContent;
  const click = async (selector) => {
    for (const tab of document.querySelectorAll(selector)) {
      tab.click();
      await pause(20);
    }
  };
  await click('.results [role=tab]');
  await click('#tab-tensors');
  await click('.tensor-grid .row:first-child');
  await click('#detail [role=tab]');
  return window.hacked ? 'a script ran' : null;
}

async function probeReports({ browser, url }) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const whole = smallReport();
  const counts = { refused: 0, shown: 0, wrong: 0 };
  page.on('pageerror', (error) => {
    counts.wrong += 1;
    console.log(`  ${error.message}`);
  });
  await page.goto(url);
  for (let seed = 0; seed < Number(options.reports); seed += 1) {
    const said = await page.evaluate(dropAndWalk, JSON.stringify(damage(whole, seed).report));
    counts[said ? 'refused' : 'shown'] += 1;
    if (said && !/damaged|incomplete|version|not a Gatescope report/.test(said)) counts.wrong += 1;
  }
  await context.close();
  line(
    ...['Reports', 'one place is damaged', options.reports, Number(options.reports) - counts.wrong],
    `${counts.refused} refused by the place that is wrong, ${counts.shown} shown`,
  );
}

/** The processes of this machine, with their parents. */
const readProcesses = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
        return [{ pid, parent, command, bytes: 4096 * pages }];
      } catch {
        return [];
      }
    });

/** Resident memory of a browser's processes of a kind, in bytes. */
function residentOf(browser, kind) {
  const all = readProcesses();
  const own = new Set([String(browser.process().pid)]);
  for (let before = 0; before < own.size;) {
    before = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all
    .filter(({ pid, command }) => own.has(pid) && command.includes(`--type=${kind}`))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Counts, in each worker, buffers that were made and that were destroyed, or their device. */
const COUNT_BUFFERS = `{
  const channel = new BroadcastChannel('buffers');
  const made = GPUDevice.prototype.createBuffer, gone = GPUBuffer.prototype.destroy;
  const end = GPUDevice.prototype.destroy;
  const open = new Map();
  GPUDevice.prototype.createBuffer = function (wanted) {
    const buffer = made.call(this, wanted);
    open.set(buffer, this);
    channel.postMessage({ made: 1, open: open.size });
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    if (open.delete(this)) channel.postMessage({ gone: 1, open: open.size });
    return gone.call(this);
  };
  GPUDevice.prototype.destroy = function () {
    for (const [buffer, device] of open) if (device === this) open.delete(buffer);
    channel.postMessage({ open: open.size });
    return end.call(this);
  };
}`;

async function probeLong({ browser, url }, backend) {
  const { files, remove } = freshFiles();
  const { page, close } = await openHarmed(browser, url, {
    files,
    harms: backend === 'gpu' ? [COUNT_BUFFERS] : [],
    before: () => {
      window.buffers = { made: 0, gone: 0, open: 0 };
      new BroadcastChannel('buffers').onmessage = ({ data }) => {
        window.buffers.made += data.made ?? 0;
        window.buffers.gone += data.gone ?? 0;
        window.buffers.open = data.open;
      };
    },
  });
  const session = await page.createCDPSession();
  for (let i = 1; i <= Number(options.analyses); i += 1) {
    // Another tolerance, so that nothing is kept from before.
    await (await startRun(page, { backend, abs_tolerance: i * 1e-9, layers: '0-3' })).ended();
    if (![1, 10, 50, 100, 200].includes(i)) continue;
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    const buffers = await page.evaluate(() => window.buffers);
    const mega = (bytes) => (bytes / 1e6).toFixed(1);
    line(
      ...[backend, i, mega(usedSize), nodes, mega(residentOf(browser, 'renderer'))],
      ...[mega(residentOf(browser, 'gpu-process')), page.workers().length],
      backend === 'gpu' ? `${buffers.made} / ${buffers.open}` : '',
    );
  }
  await close();
  remove();
}

await buildPage();
const server = await servePage();
const browser = await launchChromium();
const shared = { browser, url: server.url };
try {
  const { files, remove } = freshFiles();
  const { page, close } = await openHarmed(browser, server.url, { files });
  const { report: cpu } = await (await startRun(page, { backend: 'cpu' })).ended();
  await close();
  remove();
  line('where', 'what', 'times', 'as wanted', 'what happens');
  line('---', '---', '--:', '--:', '---');
  for (const fault of FAULTS)
    if (`${fault.group}: ${fault.name}`.includes(options.only))
      await probeFault(fault, { ...shared, cpu });
  if (!options.only && Number(options.reports)) await probeReports(shared);
  if (!options.only && Number(options.analyses)) {
    console.log();
    line(
      'backend',
      'analyses',
      'heap, MB',
      'nodes',
      'renderers, MB',
      'GPU process, MB',
      'workers',
      'buffers made / open',
    );
    line('---', '--:', '--:', '--:', '--:', '--:', '--:', '--:');
    for (const backend of options.backends.split(',')) await probeLong(shared, backend);
  }
} finally {
  await browser.close();
  await server.close();
}
