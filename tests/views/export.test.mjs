// Charts as pictures, the export menu, and a whole result as one HTML file that is opened from
// disk.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { buildPage } from '../../scripts/lib/page.mjs';
import { titleOf } from '../../www/app/address.js';
import { fillTemplate } from '../../www/exports/html.js';
import { fromRoot, watch } from '../e2e/harness.mjs';
import { openExports, smallReport } from './exports-fixture.mjs';

const HOSTILE = '</script><img src=x onerror="window.hurt = 1"><!-- & "\u2028" \\u003c';
let opened;

before(async () => {
  await buildPage();
  opened = await openExports();
  opened.copy(fromRoot('dist', 'standalone.html'), 'standalone.html');
});
after(() => opened?.close());

/** A page with the exports as `window.exports`, and `window.view` of a report. */
async function openStage(body = '', options = {}) {
  const { page, problems } = await opened.open(
    `${body}<script type="module">
      import * as exports from './exports.js';
      const text = await (await fetch('report.json')).text();
      const report = await exports.readWholeReport(text);
      Object.assign(window, { exports, text, view: {
        report, runs: report.runs.map((_, i) => i), run: 0, alpha: 0, metric: 'nss',
        tensor: report.runs[0].tensors[0].name, arrangement: 'one', filter: '', width: 600,
      } });
    </script>`,
    { head: '<link rel="stylesheet" href="exports.css">', ...options },
  );
  await page.waitForFunction(() => window.view);
  return { page, problems };
}

const CHART = `<div id="frame"><style>.dot { fill: var(--run-2); stroke-width: 3px }
  .gone { display: none }</style>
  <svg id="chart" width="200" height="80" viewBox="0 0 400 160" class="c" tabindex="0">
    <defs><clipPath id="clip"><rect width="400" height="160"/></clipPath></defs>
    <g clip-path="url(#clip)"><circle class="dot" cx="50" cy="50" r="20" onclick="x()"/></g>
    <rect class="gone" width="10" height="10"/>
    <rect width="10" height="10" fill="color-mix(in srgb, var(--run-1) 50%, transparent)"/>
    <a href="javascript:alert(1)"><text x="90" y="60">name</text></a>
    <foreignObject width="10" height="10"><p>html</p></foreignObject>
  </svg></div>`;

/** Parses an SVG as a file would be, and gives what the tests look at. */
const lookAt = (page, svg) =>
  page.evaluate((text) => {
    const file = new DOMParser().parseFromString(text, 'image/svg+xml');
    const all = [...file.querySelectorAll('*')];
    return {
      error: file.querySelector('parsererror')?.textContent ?? null,
      names: [...new Set(all.map(({ localName }) => localName))],
      attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))],
      dot: file.querySelector('circle[r="20"]')?.getAttribute('fill') ?? null,
      ground: file.querySelector('rect')?.getAttribute('fill'),
      texts: [...file.querySelectorAll('text')].map(({ textContent }) => textContent),
      size: ['width', 'height'].map((name) => Number(file.documentElement.getAttribute(name))),
    };
  }, svg);

test('a chart becomes a file that needs no style sheet', async () => {
  const { page, problems } = await openStage(CHART);
  const svg = await page.evaluate(() =>
    window.exports.svgOfView(document.getElementById('chart'), window.view, { title: 'Dots' }),
  );
  const { error, names, attributes, dot, ground, texts } = await lookAt(page, svg);
  assert.equal(error, null);
  assert.deepEqual([dot, ground], ['#b8501a', '#ffffff']);
  for (const name of ['script', 'style', 'foreignObject', 'a']) assert.ok(!names.includes(name));
  for (const name of ['class', 'style', 'onclick', 'tabindex', 'href'])
    assert.ok(!attributes.includes(name), name);
  assert.doesNotMatch(svg, /var\(|light-dark|color-mix|javascript:|oklab|color\(/);
  assert.match(svg, /fill="#0b6aa5" fill-opacity="0\.5|fill-opacity="0\.5[^>]*fill="#0b6aa5"/);
  assert.match(svg, /clip-path="url\(#clip\)"/);
  assert.equal(texts[0], 'Dots');
  // The key, then the chart's own text, then the source.
  assert.deepEqual(texts.slice(1, 4), ['A · one', 'B · two', 'name']);
  assert.match(texts.slice(4).join(' '), /^Gatescope · base → one, two · k\u00a0=/);
  assert.doesNotMatch(svg, /class="gone"/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a chart on a dark page is light on paper, and dark as shown', async () => {
  const { page } = await openStage(CHART, {
    before: (fresh) =>
      fresh.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]),
  });
  const make = (ground) =>
    page.evaluate(
      (on) =>
        window.exports.svgOfView(document.getElementById('chart'), window.view, { ground: on }),
      ground,
    );
  const paper = await lookAt(page, await make('white'));
  assert.deepEqual([paper.dot, paper.ground], ['#b8501a', '#ffffff']);
  const shown = await lookAt(page, await make('theme'));
  assert.deepEqual([shown.dot, shown.ground], ['#f0a06a', '#1a1e22']);
  // The page itself is as before.
  assert.equal(await page.$eval('#frame', ({ style }) => style.cssText), '');
  assert.equal(await page.$eval('#frame', ({ children }) => children.length), 2);
  await page.close();
});

test('a PNG has twice the size of the chart', async () => {
  const { page, problems } = await openStage(CHART);
  const { png, svg } = await page.evaluate(async () => {
    const text = window.exports.svgOfView(document.getElementById('chart'), window.view, {});
    const blob = await window.exports.pngOf(text);
    const bitmap = await createImageBitmap(blob);
    return { png: [blob.type, bitmap.width, bitmap.height], svg: text };
  });
  const { size } = await lookAt(page, svg);
  assert.deepEqual(png, ['image/png', 2 * size[0], 2 * size[1]]);
  assert.deepEqual(problems, []);
  await page.close();
});

test('maps, texts and swatches beside a drawing are in the picture, controls are not', async () => {
  const { page } = await openStage(`<div id="panel" style="width: 300px">
    <h3>Heading</h3><canvas id="map" width="2" height="2" style="width: 100px"></canvas>
    <i style="display: inline-block; width: 10px; height: 10px; background: #123456"></i>
    <p style="width: 60px">words that break</p>
    <p>in <button>a sentence</button></p><i style="display: inline-block; width: 20px;
    border-top: 2px dashed #654321"></i><label>control <input></label>
    <select><option>control</option></select>
    <button>press</button><p hidden>hidden</p><p class="sr">for readers</p>
    <p>noted<span data-not-exported> press here</span> <a href="x">a paper\u00a0↗</a></p>
    <svg width="40" height="20"><rect id="frame-of-choice" data-not-exported="" width="40"
    height="20"/><circle r="3"/></svg></div>`);
  const svg = await page.evaluate(() => {
    const context = document.getElementById('map').getContext('2d');
    context.fillStyle = '#ff0000';
    context.fillRect(0, 0, 2, 2);
    return window.exports.svgOfView(document.getElementById('panel'), window.view, {
      title: 'Twice',
    });
  });
  const { error, names, texts } = await lookAt(page, svg);
  assert.equal(error, null);
  assert.ok(names.includes('image'));
  assert.match(svg, /href="data:image\/png/);
  assert.match(svg, /fill="#123456"/);
  const words = texts.join(' ');
  assert.match(words, /Heading/);
  assert.match(words, /words that break/);
  assert.match(words, /in a sentence/);
  assert.match(svg, /stroke="#654321" stroke-width="2" stroke-dasharray="6 4"/);
  assert.match(words, /noted a paper/);
  // It has a title of its own.
  assert.ok(texts.every((text) => !/control|press|hidden|for readers|↗|Twice/.test(text)));
  assert.doesNotMatch(svg, /frame-of-choice/);
  await page.close();
});

test('a chart inside a shadow root is read with its own styles', async () => {
  const { page } = await openStage(
    `<gate-scope src="report.json" figure="dots" theme="dark"></gate-scope>
    <script type="module" src="element/gate-scope.js"></script>`,
  );
  await page.waitForFunction(() =>
    document.querySelector('gate-scope').shadowRoot?.querySelector('.dot'),
  );
  const svg = await page.evaluate(() =>
    window.exports.svgOfView(
      document.querySelector('gate-scope').shadowRoot.querySelector('svg'),
      window.view,
      { ground: 'theme' },
    ),
  );
  assert.equal((await lookAt(page, svg)).dot, '#6bb8e6');
  await page.close();
});

test('hostile names are text in a picture, and no character breaks the file', async () => {
  opened.put(
    'report.json',
    JSON.stringify(smallReport({ base: '<b>\u0000&', runs: [HOSTILE, 'x'.repeat(300)] })),
  );
  const { page, problems } = await openStage(CHART);
  const svg = await page.evaluate(
    (title) => window.exports.svgOfView(document.getElementById('chart'), window.view, { title }),
    `${HOSTILE}\u0008`,
  );
  opened.put('report.json', JSON.stringify(smallReport()));
  const { error, names } = await lookAt(page, svg);
  assert.equal(error, null);
  assert.ok(!names.includes('img'));
  assert.deepEqual(problems, []);
  await page.close();
});

/** Keeps what the page offers for download as `window.files`. */
const keepDownloads = (page) =>
  page.evaluate(() => {
    window.files = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      window.files.push({ blob });
      return make.call(URL, blob);
    };
    HTMLAnchorElement.prototype.click = function click() {
      window.files.at(-1).name = this.download;
    };
  });
const lastFile = (page, count) =>
  page
    .waitForFunction((n) => window.files.length === n && window.files[n - 1].name, {}, count)
    .then(() =>
      page.evaluate(async () => {
        const { blob, name } = window.files.at(-1);
        return { name, type: blob.type, size: blob.size, text: await blob.text() };
      }),
    );
const press = (page, label) =>
  page.$$eval(
    'button',
    (all, wanted) => all.find((button) => button.textContent === wanted).click(),
    label,
  );

test('the menu hands over the result, its values, a caption and pictures', async () => {
  const { page, problems } = await openStage('<div id="bar"></div>');
  await keepDownloads(page);
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: async (text) => (window.copied = text) },
    });
    const menu = window.exports.exportMenu(() => window.view, {
      text: () => window.text,
      csv: async () => 'a,b\r\n',
    });
    document.getElementById('bar').append(menu);
  });
  await press(page, 'Export ▾');
  await press(page, 'Whole result as one HTML file');
  const html = await lastFile(page, 1);
  assert.deepEqual([html.name, html.type], ['gatescope-base-one-two.html', 'text/html']);
  assert.match(html.text, /<title>base → one, two · Gatescope<\/title>/);
  await press(page, 'report.json');
  const json = await lastFile(page, 2);
  assert.equal(json.text, await page.evaluate(() => window.text));
  await press(page, 'All values as CSV');
  assert.equal((await lastFile(page, 3)).text, 'a,b\r\n');
  await press(page, 'Copy a caption');
  await page.waitForFunction(() => window.copied);
  assert.match(await page.evaluate(() => window.copied), /^one and two against base\. k\u00a0=/);
  await press(page, 'Chart as SVG or PNG …');
  await page.waitForSelector('dialog[open]');
  await press(page, 'SVG');
  const svg = await lastFile(page, 4);
  assert.equal(svg.type, 'image/svg+xml');
  assert.equal((await lookAt(page, svg.text)).error, null);
  await press(page, 'PNG');
  assert.equal((await lastFile(page, 5)).type, 'image/png');
  assert.equal(await page.$('.export-stage'), null);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the menu is worked by keyboard, and says what failed', async () => {
  const { page } = await openStage('<div id="bar"></div>');
  await page.evaluate(() => {
    const menu = window.exports.exportMenu(() => window.view, {
      text: async () => {
        throw new Error('The report is gone.');
      },
    });
    document.getElementById('bar').append(menu);
  });
  await page.focus('.export-button');
  await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  assert.equal(await focused(), 'Whole result as one HTML file');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'report.json');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    () => document.querySelector('.export-list [role=alert]').textContent === 'The report is gone.',
  );
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'Export ▾');
  assert.equal(await page.$eval('.export-button', (b) => b.getAttribute('aria-expanded')), 'false');
  // Without a way to write it there is no CSV on offer.
  assert.ok(!(await page.$eval('.export-list', (l) => l.textContent)).includes('CSV'));
  await page.close();
});

test('the dialog gives three snippets that show the figure', async () => {
  const { page, problems } = await openStage('<div id="bar"></div>');
  await page.evaluate(() => {
    const menu = window.exports.exportMenu(() => window.view, { text: () => window.text });
    document.getElementById('bar').append(menu);
  });
  await press(page, 'Export ▾');
  await press(page, 'Embed a figure …');
  await page.waitForSelector('.export-snippets textarea');
  // Nothing is asked for at an address that nobody gave.
  assert.deepEqual(
    await page.$$eval('.export-snippets textarea', (all) => all.map((one) => one.ariaLabel)),
    ['Fragment'],
  );
  await page.type('.export-fields input', 'report.json');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.querySelectorAll('.export-snippets textarea')[2]);
  assert.match(await page.$eval('.export-snippets .problem', (p) => p.textContent), /own machine/);
  const [element, frame, fragment] = await page.$$eval('.export-snippets textarea', (all) =>
    all.map(({ value }) => value),
  );
  assert.match(element, /integrity="sha384-/);
  assert.match(frame, /<iframe class="[^"]*" src="[^"]*embed\.html\?embed=1&amp;src=/);
  for (const snippet of [element, fragment])
    assert.match(snippet, /<gate-scope [^>]*><svg[\s\S]*<\/svg>/);
  assert.deepEqual(problems, []);
  await page.close();
  for (const snippet of [element, fragment]) {
    const shown = await opened.open(snippet);
    await shown.page.waitForFunction(() =>
      document.querySelector('gate-scope').shadowRoot?.querySelector('.words'),
    );
    // The still is in its place.
    assert.equal(await shown.page.$eval('gate-scope > svg', (svg) => svg.checkVisibility()), false);
    assert.deepEqual(shown.problems, []);
    await shown.page.close();
  }
  const framed = await opened.open(frame);
  const inner = await (await framed.page.waitForSelector('iframe')).contentFrame();
  await inner.waitForFunction(() =>
    document.querySelector('gate-scope')?.shadowRoot?.querySelector('.words'),
  );
  assert.deepEqual(framed.problems, []);
  await framed.page.close();
});

test('a chart has a button for its picture', async () => {
  const { page, problems } = await openStage(CHART);
  await keepDownloads(page);
  await page.evaluate(() => {
    const chart = document.getElementById('chart');
    chart.parentElement.append(window.exports.chartMenu(chart, window.view, 'Dots of runs'));
  });
  await page.click('.export-chart .export-button');
  await press(page, 'SVG as shown');
  const { name, text } = await lastFile(page, 1);
  assert.equal(name, 'gatescope-base-one-two-Dots-of-runs.svg');
  assert.equal((await lookAt(page, text)).texts[0], 'Dots of runs');
  assert.deepEqual(problems, []);
  await page.close();
});

test('an exported file opens from disk, without a network, whatever its names hold', async () => {
  const report = smallReport({ base: HOSTILE, runs: [HOSTILE, '<!--report-->'] });
  const template = readFileSync(fromRoot('dist', 'standalone.html'), 'utf8');
  assert.ok(template.length < 400_000, `${template.length} characters, more than 400 kB`);
  const file = path.join(opened.folder, 'result.html');
  const runs = report.runs.map(({ checkpoint }) => checkpoint.name);
  writeFileSync(
    file,
    fillTemplate(template, { base: HOSTILE, runs, text: JSON.stringify(report) }),
  );
  const page = await opened.browser.newPage();
  const problems = watch(page, 'null');
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.setOfflineMode(true);
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => document.querySelector('#app h1, #app h2'));
  assert.equal(await page.title(), titleOf(report));
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.equal(await page.$('#app img'), null);
  assert.ok((await page.$eval('#app', (app) => app.textContent)).includes(HOSTILE));
  assert.deepEqual(
    requests.filter((url) => !url.startsWith('data:')),
    [pathToFileURL(file).href],
  );
  assert.deepEqual(
    problems.filter((problem) => !problem.includes('third-party request: file:')),
    [],
  );
  // Its policy lets it reach nothing.
  const refused = await page.evaluate(() =>
    fetch('https://example.com').then(
      () => 'answered',
      () => 'refused',
    ),
  );
  assert.equal(refused, 'refused');
  assert.ok(problems.some((problem) => problem.includes('Content Security Policy')));
  await page.close();
});
