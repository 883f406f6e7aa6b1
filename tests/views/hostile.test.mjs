// A report whose names are code, as an HTML file from disk and in the page for frames: every part
// shows the names as text, nothing leaves, the console stays silent and the policy holds.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { buildPage, servePage } from '../../scripts/lib/page.mjs';
import { fillTemplate } from '../../www/exports/html.js';
import { smallReport } from '../unit/small-report.mjs';
import { fromRoot, openDetail, openTab, watch } from '../e2e/harness.mjs';

const IMAGE = '<img src="https://example.com/x.png" onerror="window.hurt = 1">';
const SCRIPT = '</script><script>window.hurt = 2</script><!--';
const FORMULA = "=cmd()|'/C calc'!A0";
const [BASE, RUN, OTHER] = [
  `${SCRIPT}base`,
  `${FORMULA}${IMAGE}`,
  `"><svg onload=hurt=3>${SCRIPT}`,
];
const TENSOR = `model.layers.0.${IMAGE}.weight`;
const FAILED = `${FORMULA}${SCRIPT}`;

/** Every text of a report that comes from somebody's files holds code. */
function hostileReport() {
  const report = smallReport({ base: BASE, runs: [RUN, OTHER] });
  report.generator = `gatescope ${IMAGE}`;
  report.backend.detail = IMAGE;
  report.base.files[0].name = `${IMAGE}.safetensors`;
  report.runs = structuredClone(report.runs);
  for (const run of report.runs) {
    const own = run.tensors.find(({ geometry }) => geometry);
    Object.assign(own, { name: TENSOR, dtype_tuned: IMAGE });
    const [failed] = run.tensors;
    for (const [key, value] of Object.entries(failed))
      if (value !== null && typeof value === 'object' && key !== 'shape') failed[key] = null;
    Object.assign(failed, { name: FAILED, status: 'failed', error: SCRIPT, masks: [] });
    run.left_out = [{ name: IMAGE, reason: 'only_in_base', detail: SCRIPT }];
  }
  return report;
}

let browser;
let folder;
before(async () => {
  await buildPage();
  folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-hostile-'));
  browser = await launchChromium({ webgpu: false });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens an address with a list of what it asks for and of what goes wrong. */
async function open(address) {
  const page = await browser.newPage();
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await page.setViewport({ width: 1440, height: 900 });
  const { origin, protocol } = new URL(address);
  const problems = watch(page, origin);
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address, { waitUntil: 'load' });
  return {
    page,
    requests: () => requests.filter((url) => !/^(data|blob):/.test(url)),
    // From disk, the file itself has no origin.
    problems: () =>
      problems.filter((text) => protocol !== 'file:' || text !== `third-party request: ${address}`),
  };
}

/** What became of code: what ran, and elements that no name may have made. */
const lookForHarm = (page) =>
  page.evaluate(() => {
    const roots = [
      document,
      ...[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ?? []),
    ];
    const made = roots.flatMap((root) => [
      ...root.querySelectorAll(
        'img:not([part=poster]), iframe, object, embed, [onerror], [onload]',
      ),
    ]);
    return [window.hurt ?? null, made.map(({ outerHTML }) => outerHTML)];
  });

/** How each way out of a document ends; `violations` are directives that the policy names. */
const tryToLeave = (page, address) =>
  page.evaluate(async (target) => {
    const violations = new Set();
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      violations.add(effectiveDirective),
    );
    const loaded = (element, place = document.head) =>
      new Promise((resolve) => {
        element.onload = () => resolve(`${element.localName} loaded`);
        element.onerror = () => resolve(null);
        place.append(element);
        setTimeout(() => resolve(null), 300);
      });
    const make = (name, attributes) => Object.assign(document.createElement(name), attributes);
    const went = [
      await fetch(target).then(
        () => 'fetch answered',
        () => null,
      ),
      await loaded(make('img', { src: `${target}img` }), document.body),
      await loaded(make('script', { src: `${target}script` })),
      await loaded(make('script', { textContent: 'window.hurt = 4' })),
      await loaded(make('link', { rel: 'stylesheet', href: `${target}style` })),
    ];
    const form = make('form', { action: `${target}form`, method: 'post' });
    document.body.append(form);
    form.submit();
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    return { went: went.filter(Boolean), violations: [...violations].sort() };
  }, address);

/** A server elsewhere that tells what was asked of it. */
async function listen(t) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(200, { 'access-control-allow-origin': '*' });
    response.end();
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return { asked, address: `http://127.0.0.1:${server.address().port}/` };
}

test('a file from disk shows names as text in every tab, and asks for nothing', async (t) => {
  const { asked, address } = await listen(t);
  const report = hostileReport();
  const file = path.join(folder, 'result.html');
  const template = readFileSync(fromRoot('dist', 'standalone.html'), 'utf8');
  const runs = report.runs.map(({ checkpoint }) => checkpoint.name);
  writeFileSync(file, fillTemplate(template, { base: BASE, runs, text: JSON.stringify(report) }));
  const { href } = pathToFileURL(file);
  const { page, requests, problems } = await open(href);
  await page.waitForSelector('.tensor-grid .row');
  const tabs = await page.$$eval('[role=tab][id^=tab-]', (all) =>
    all.map(({ id }) => id.slice('tab-'.length)),
  );
  assert.ok(tabs.length >= 5, String(tabs));
  const shown = [];
  for (const tab of tabs) {
    await openTab(page, tab);
    await page.$$eval('details', (all) => all.forEach((fold) => (fold.open = true)));
    shown.push(await page.$eval('#app', (app) => app.textContent));
  }
  // The table tells the layer in a column of its own.
  const [, within] = TENSOR.split('layers.0.');
  for (const name of [BASE, RUN, OTHER, FAILED, within, report.generator])
    assert.ok(
      shown.some((text) => text.replaceAll('\u200b', '').includes(name)),
      `${name} is shown nowhere`,
    );
  await openTab(page, 'tensors');
  // A selector cannot hold such a name.
  await page.$$eval(
    '.tensor-grid [role=rowheader]',
    (all, name) => all.find(({ title }) => title === name).click(),
    TENSOR,
  );
  for (const tab of ['location', 'precision', 'masks', 'values']) await openDetail(page, tab);
  assert.deepEqual(await lookForHarm(page), [null, []]);
  assert.deepEqual(requests(), [href]);
  assert.deepEqual(problems(), []);

  const { went, violations } = await tryToLeave(page, address);
  assert.deepEqual([went, asked], [[], []]);
  assert.deepEqual(violations, [
    'connect-src',
    'form-action',
    'img-src',
    'script-src-elem',
    'style-src-elem',
  ]);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  await page.close();
});

test('the page for frames shows them as text, whatever its address says', async (t) => {
  const { asked, address } = await listen(t);
  const server = await servePage({});
  t.after(() => server.close());
  const figures = { summary: FORMULA, heatmap: FORMULA, table: '.weight', spectrum: IMAGE };
  for (const [figure, text] of Object.entries(figures)) {
    const query = new URLSearchParams({ embed: '1', src: 'report-of-a-stranger.json', figure });
    // No tensor is called that: the message says so.
    if (figure === 'spectrum') query.set('tensor', IMAGE);
    query.set('onload', 'window.hurt = 5');
    query.set('style', 'background: url(https://example.com)');
    const page = await browser.newPage();
    await page.setRequestInterception(true);
    page.on('request', (request) =>
      request.url().endsWith('report-of-a-stranger.json')
        ? request.respond({
            contentType: 'application/json',
            body: JSON.stringify(hostileReport()),
          })
        : request.continue(),
    );
    const problems = watch(page, new URL(server.url).origin);
    await page.goto(`${server.url}embed.html?${query}`, { waitUntil: 'load' });
    await page.waitForFunction(
      (wanted) => document.querySelector('gate-scope')?.shadowRoot?.textContent?.includes(wanted),
      { timeout: 10_000 },
      text,
    );
    assert.deepEqual(await lookForHarm(page), [null, []], figure);
    assert.deepEqual(problems, [], figure);
    if (figure === 'table') {
      const { went, violations } = await tryToLeave(page, address);
      // A report may come from any server over https; this one has none.
      assert.deepEqual([went, asked], [[], []]);
      assert.ok(violations.includes('script-src-elem') && violations.includes('connect-src'));
    }
    await page.close();
  }
});
