// What end to end tests share: the built page served, a browser on it, and a record of all that it
// must not do.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { launchFirefox } from '../../scripts/lib/firefox.mjs';
import { buildPage, servePage } from '../../scripts/lib/page.mjs';
import { fromRoot, root } from '../../scripts/lib/root.mjs';

export { fromRoot };

/** Other suites have the cores meanwhile: whoever waits for the page says so late. */
const PATIENCE_MS = 120_000;

/**
 * Records console errors and warnings, exceptions, failed requests and requests to other origins.
 * A test ends by asserting that the list is empty.
 */
export function watch(page, origin) {
  const problems = [];
  page.on('console', (message) => {
    if (['error', 'warn', 'assert'].includes(message.type()))
      problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('error', (error) => problems.push(`crash: ${error.message}`));
  page.on('requestfailed', (request) =>
    problems.push(`request failed: ${request.url()} ${request.failure()?.errorText}`),
  );
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && asked !== origin)
      problems.push(`third-party request: ${request.url()}`);
  });
  return problems;
}

/**
 * The page, open in a browser of its own. `before(page)` runs ahead of loading, `query` is appended
 * to the address, `webgpu: false` takes the adapter away, `folder` is served instead of dist/,
 * `firefox: true` takes that browser as it comes. Close it in a `finally` or an `after` hook.
 */
export async function openPage({
  webgpu = true,
  args = [],
  viewport = { width: 1440, height: 900 },
  query = '',
  folder,
  before,
  firefox = false,
} = {}) {
  await buildPage();
  const server = await servePage({ folder });
  let browser;
  const close = async () => {
    await browser?.close();
    await server.close();
  };
  try {
    browser = firefox ? await launchFirefox() : await launchChromium({ webgpu, args });
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport(viewport);
    const problems = watch(page, new URL(server.url).origin);
    // During a run the page asks whether it should be left.
    page.on('dialog', (dialog) => dialog.type() === 'beforeunload' && dialog.accept());
    await before?.(page);
    await page.goto(`${server.url}${query}`, { waitUntil: 'load' });
    /** From the start page again: an address of a report would open that one. */
    const restart = async () => {
      await page.evaluate(() => history.replaceState(null, '', location.pathname));
      await page.reload();
    };
    return { page, browser, problems, url: server.url, restart, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Drops files and folders of this machine on an element: the browser makes entries of them, as in a
 * drag from outside.
 */
export async function drop(page, selector, places) {
  const session = await page.createCDPSession();
  const { x, y } = await page.$eval(selector, (element) => {
    const fold = element.closest('details');
    if (fold) fold.open = true;
    element.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  });
  const data = { items: [], files: places, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'])
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  await session.detach();
}

/** Computes the sample, also where the build brings its report along. */
export async function computeSample(page) {
  await page.click('#try-sample');
  await page.waitForFunction(() =>
    ['cancel', 'recompute', 'problem'].some((id) => document.getElementById(id)?.offsetParent),
  );
  await page.evaluate(() => {
    const again = document.getElementById('recompute');
    if (again?.offsetParent) again.click();
  });
}

/** Drops a report on the page, as its file would be. */
export const dropReport = (page, report) =>
  page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'report.json', { type: 'application/json' }));
    document.body.dispatchEvent(
      new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }),
    );
  }, JSON.stringify(report));

/** Opens one of the tabs below a result. */
export async function openTab(page, id) {
  await page.waitForSelector(`#tab-${id}`);
  await page.$eval(`#tab-${id}`, (tab) => tab.click());
  await page.waitForSelector(`#tab-${id}[aria-selected=true]`);
}

/** Opens one of the tabs of the tensor in the drawer, and waits until it is drawn. */
export async function openDetail(page, id) {
  await page.waitForSelector(`#detail-${id}`);
  await page.$eval(`#detail-${id}`, (tab) => tab.click());
  await page.waitForFunction(
    (tab) =>
      document.getElementById(tab)?.ariaSelected === 'true' &&
      !document.querySelector('#detail .later'),
    {},
    `detail-${id}`,
  );
}

/** Opens a tensor by its row in the table, which the filter brings into sight. */
export async function openTensor(page, name) {
  await openTab(page, 'tensors');
  const filter = await page.$eval('#filter', (field) => field.value);
  await setFilter(page, name);
  await page.waitForSelector(rowOf(name));
  await page.$eval(rowOf(name), (row) => row.click());
  await page.waitForFunction(
    (title) => document.getElementById('detail-title')?.textContent === title,
    {},
    name,
  );
  await setFilter(page, filter);
}

/** The head of a tensor's row in the table. */
const rowOf = (name) => `.tensor-grid [role=rowheader][title="${name}"]`;

/** Writes into the filter of the table as one would who pastes. */
const setFilter = (page, text) =>
  page.$eval(
    '#filter',
    (field, value) => {
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
    text,
  );

/** The report of the sample's first layer, three runs, from the page itself; `fisher` is a file. */
export async function sampleLayer(page, { fisher = null, ...settings } = {}) {
  const files = (name) =>
    readdirSync(fromRoot('samples', name))
      .filter((file) => /\.safetensors|^config\.json$/.test(file))
      .map((file) => fromRoot('samples', name, file));
  await (await page.$('#base-input')).uploadFile(...files('base'));
  for (const name of ['rlvr-1', 'rlvr-2', 'sft']) {
    const input = await page.evaluate((own) => window.gatescope.addTuned(own), name);
    await (await page.$(input)).uploadFile(...files(name));
  }
  if (fisher)
    await (
      await page.$(await page.evaluate(() => window.gatescope.addFisher('exp_avg_sq')))
    ).uploadFile(fisher);
  return runLayer(page, settings);
}

/** The same of what the page already has, with these settings. */
export const runLayer = async (page, settings = {}) =>
  JSON.parse(
    await page.evaluate(
      (given) => window.gatescope.run({ k: 8, alphas: [0.3], layers: '0', ...given }),
      settings,
    ),
  );

/** Runs one of the repository's scripts as a user would; resolves to { code, stdout, stderr }. */
export function runScript(name, args, { env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fromRoot('scripts', name), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'])
      child[stream].on('data', (chunk) => {
        output[stream] += chunk;
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}
