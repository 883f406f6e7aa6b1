// <gate-scope> on somebody's page. Its panels are those of fixture-panels.js, but for the size.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildPage } from '../../scripts/lib/page.mjs';
import { PANELS } from '../../www/panels/index.js';
import { fromRoot } from '../e2e/harness.mjs';
import { openExports, smallReport } from './exports-fixture.mjs';

const SCRIPT = '<script type="module" src="element/gate-scope.js"></script>';
let opened;

before(async () => {
  await buildPage();
  opened = await openExports();
  opened.copy(fromRoot('dist', 'element'), 'real');
  opened.put('second.json', JSON.stringify(smallReport({ runs: ['three'] })));
  opened.put('no-json.json', 'not JSON');
  opened.put('packed.json.gz', gzipSync(JSON.stringify(smallReport({ runs: ['packed'] }))));
});
after(() => opened?.close());

/** What the panel of an element says, once it says anything. */
const words = (page, selector = 'gate-scope') =>
  page
    .waitForFunction(
      (wanted) =>
        document.querySelector(wanted)?.shadowRoot?.querySelector('.words')?.textContent ?? false,
      {},
      selector,
    )
    .then((handle) => handle.jsonValue());
/** What an element says that failed. */
const alertOf = (page, selector = 'gate-scope') =>
  page
    .waitForFunction(
      (wanted) => {
        const line = document.querySelector(wanted)?.shadowRoot?.querySelector('[role=alert]');
        return line && !line.hidden && line.textContent;
      },
      {},
      selector,
    )
    .then((handle) => handle.jsonValue());
/** Reads from an element inside the first figure. */
const inside = async (page, selector, read) =>
  (
    await page.evaluateHandle(
      (wanted) => document.querySelector('gate-scope').shadowRoot.querySelector(wanted),
      selector,
    )
  ).evaluate(read);

test('a figure is fetched, drawn, and says where its values come from', async () => {
  const { page, problems } = await opened.open(
    `<script>addEventListener('load', (e) => (window.heard ??= []).push(e.type), true)</script>
    <gate-scope src="report.json" figure="dots" run="two"></gate-scope>${SCRIPT}`,
  );
  assert.match(await words(page), /^two \w+ \d+$/);
  const source = await inside(page, '[part=source]', (element) => element.textContent);
  assert.match(source, /^Gatescope · base → one, two · k\u00a0=/);
  assert.equal(await page.evaluate(() => customElements.get('gate-scope').name.length > 0), true);
  // No worker, no wasm, nothing but the element and the report.
  const asked = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
  );
  assert.ok(
    asked.every((name) => /^\/(element\/.*\.js|report\.json)$/.test(name)),
    `${asked}`,
  );
  assert.deepEqual(problems, []);
  await page.close();
});

test('events tell of loading, of choices and of failures', async () => {
  const { page } = await opened.open(`${SCRIPT}`);
  const events = await page.evaluate(async () => {
    const heard = [];
    const host = document.createElement('gate-scope');
    for (const type of ['progress', 'load', 'change', 'error'])
      host.addEventListener(type, ({ detail }) => heard.push([type, detail]));
    const next = (type) =>
      new Promise((resolve) => {
        host.addEventListener(type, resolve, { once: true });
      });
    const loaded = next('load');
    Object.assign(host, { src: 'report.json', figure: 'dots' });
    document.body.append(host);
    await loaded;
    host.shadowRoot.querySelector('.panel button').click();
    const failed = next('error');
    host.metric = 'luck';
    await failed;
    return heard.map(([type, detail]) => [type, type === 'load' ? {} : detail]);
  });
  const types = events.map(([type]) => type);
  assert.equal(types[0], 'progress');
  assert.deepEqual([...new Set(types)], ['progress', 'load', 'change', 'error']);
  const [, change] = events.find(([type]) => type === 'change');
  assert.deepEqual([change.changed, change.run], [['run'], 'two']);
  assert.match(events.at(-1)[1].message, /no metric “luck”/);
  await page.close();
});

test('two figures share a report and nothing else', async () => {
  const { page, problems } = await opened.open(
    `<gate-scope id="a" src="report.json" figure="dots"></gate-scope>
    <gate-scope id="b" src="report.json" figure="dots"></gate-scope>${SCRIPT}`,
  );
  await words(page, '#b');
  await page.$eval('#a', (host) => {
    const button = host.shadowRoot.querySelector('.panel button');
    button.focus();
    button.click();
  });
  assert.match(await words(page, '#a'), /^two /);
  assert.match(await words(page, '#b'), /^one /);
  // The keyboard stays where it was, though the panel was drawn again.
  assert.equal(
    await page.$eval('#a', (host) => host.shadowRoot.activeElement?.getAttribute('data-key')),
    'next',
  );
  const requests = await page.evaluate(
    () =>
      performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.json')).length,
  );
  assert.equal(requests, 1);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a failure is read out in words, and the still that the author gave stays', async () => {
  for (const [attributes, expected] of [
    ['src="nowhere.json" figure="dots"', /nowhere\.json could not be read: status 404/],
    ['src="no-json.json" figure="dots"', /not JSON/],
    ['src="report.json" figure="pie"', /no figure “pie”: it is one of dots, /],
    ['src="report.json" figure="broken"', /could not be loaded/],
    ['src="report.json" figure="dots" run="nobody"', /no run “nobody”; it has one and two/],
    ['figure="dots"', /No report: set `src` or `report`/],
  ]) {
    const { page } = await opened.open(
      `<gate-scope ${attributes}><svg width="10" height="10"></svg></gate-scope>${SCRIPT}`,
    );
    assert.match(await alertOf(page), expected);
    assert.ok(await page.$eval('gate-scope svg', (still) => still.checkVisibility()));
    await page.close();
  }
});

test('after a failure the next address is shown', async () => {
  const { page } = await opened.open(
    `<gate-scope src="x.json" figure="dots"></gate-scope>${SCRIPT}`,
  );
  await alertOf(page);
  await page.$eval('gate-scope', (host) => (host.src = 'second.json'));
  assert.match(await words(page), /^three /);
  assert.equal(await inside(page, '[role=alert]', (element) => element.hidden), true);
  await page.close();
});

test('a packed report opens', async () => {
  const { page, problems } = await opened.open(
    `<gate-scope src="packed.json.gz" figure="dots"></gate-scope>${SCRIPT}`,
  );
  assert.match(await words(page), /^packed /);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a lazy figure waits until it is near', async () => {
  const { page } = await opened.open(
    `<div style="height: 4000px"></div>
    <gate-scope src="report.json" figure="dots" loading="lazy"></gate-scope>${SCRIPT}`,
  );
  const asked = () =>
    page.evaluate(() =>
      performance.getEntriesByType('resource').some(({ name }) => name.endsWith('report.json')),
    );
  await page.evaluate(() => customElements.whenDefined('gate-scope'));
  await page.evaluate(
    () =>
      new Promise((done) => {
        setTimeout(done, 300);
      }),
  );
  assert.equal(await asked(), false);
  await page.evaluate(() => scrollTo(0, 4000));
  await words(page);
  assert.equal(await asked(), true);
  await page.close();
});

test('a figure follows the theme of the page around it, or its own', async () => {
  const { page } = await opened.open(
    `<gate-scope src="report.json" figure="dots"></gate-scope>${SCRIPT}`,
    { head: '<style>html { color-scheme: dark }</style>' },
  );
  await words(page);
  const colour = () => inside(page, '.dot', (element) => getComputedStyle(element).fill);
  assert.equal(await colour(), 'rgb(107, 184, 230)');
  await page.$eval('gate-scope', (host) => (host.theme = 'light'));
  assert.equal(await colour(), 'rgb(11, 106, 165)');
  await page.$eval('gate-scope', (host) => (host.theme = 'auto'));
  assert.equal(await colour(), 'rgb(107, 184, 230)');
  // The author's colours count before the theme's.
  await page.$eval('gate-scope', (host) => host.style.setProperty('--run-1', 'rgb(1, 2, 3)'));
  assert.equal(await colour(), 'rgb(1, 2, 3)');
  await page.close();
});

test('what is set before the element is defined is kept', async () => {
  const { page, problems } = await opened.open(
    `<gate-scope></gate-scope><script>
      const early = document.querySelector('gate-scope');
      fetch('second.json').then((r) => r.json()).then((report) => {
        Object.assign(early, { report, figure: 'dots' });
        const script = document.createElement('script');
        Object.assign(script, { type: 'module', src: 'element/gate-scope.js' });
        document.body.append(script);
      });
    </script>`,
  );
  assert.match(await words(page), /^three /);
  assert.equal(await page.$eval('gate-scope', (host) => Object.hasOwn(host, 'report')), false);
  // The host's object is as it was.
  assert.equal(
    await page.$eval('gate-scope', (host) => host.report.version),
    smallReport().version,
  );
  assert.deepEqual(problems, []);
  await page.close();
});

test('nothing moves when figures come, on wide and narrow pages', async () => {
  for (const width of [900, 390]) {
    const { page } = await opened.open(
      `<p>before</p>
      <gate-scope src="report.json" figure="dots"
        style="display: block; aspect-ratio: 16 / 9"></gate-scope>
      <p>between</p>
      <gate-scope src="report.json" figure="map"
        style="display: block; aspect-ratio: 16 / 9"></gate-scope>
      <p>after</p>${SCRIPT}`,
      {
        viewport: { width, height: 900 },
        head: `<script>
          window.shift = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shift += entry.value;
          }).observe({ type: 'layout-shift', buffered: true });
        </script>`,
      },
    );
    await words(page);
    await page.evaluate(
      () =>
        new Promise((done) => {
          setTimeout(done, 300);
        }),
    );
    assert.equal(await page.evaluate(() => window.shift), 0);
    const { height } = await page.$eval('gate-scope', (host) => {
      const rect = host.getBoundingClientRect();
      return { height: Math.abs(rect.height - (rect.width * 9) / 16) };
    });
    assert.ok(height < 1, `${height}`);
    await page.close();
  }
});

test('a report may be written into the page, and a still is for paper', async () => {
  const report = JSON.stringify(smallReport({ runs: ['inline'] }));
  const { page, problems } = await opened.open(
    `<gate-scope figure="dots"><script type="application/json">${report}</script>
    <svg width="20" height="20"><rect width="20" height="20"/></svg></gate-scope>${SCRIPT}`,
  );
  assert.match(await words(page), /^inline /);
  const shown = () =>
    page.$eval('gate-scope', (host) => ({
      still: host.querySelector('svg').checkVisibility(),
      figure: host.shadowRoot.querySelector('.figure').checkVisibility(),
    }));
  assert.deepEqual(await shown(), { still: false, figure: true });
  await page.emulateMediaType('print');
  assert.deepEqual(await shown(), { still: true, figure: false });
  assert.deepEqual(problems, []);
  await page.close();
});

test('without a script the still is all there is', async () => {
  const { page } = await opened.open(
    `<gate-scope src="report.json"><svg width="20" height="20"></svg></gate-scope>${SCRIPT}`,
    { before: (fresh) => fresh.setJavaScriptEnabled(false) },
  );
  assert.ok(await page.$eval('gate-scope svg', (still) => still.getBoundingClientRect().width > 0));
  await page.close();
});

test('an element that leaves the page lets go, and one that comes back is drawn', async () => {
  const { page, problems } = await opened.open(
    `<gate-scope src="report.json" figure="dots"></gate-scope>${SCRIPT}`,
  );
  await words(page);
  const left = await page.evaluate(() => {
    const host = document.querySelector('gate-scope');
    window.host = host;
    host.remove();
    return host.shadowRoot.querySelector('.panel').childNodes.length;
  });
  assert.equal(left, 0);
  await page.evaluate(() => document.body.append(window.host));
  assert.match(await words(page), /^one /);
  // Moved at once, it keeps its report and asks for nothing.
  const asked = await page.evaluate(() => performance.getEntriesByType('resource').length);
  await page.evaluate(() => document.body.prepend(window.host));
  assert.match(await words(page), /^one /);
  assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').length), asked);
  assert.deepEqual(problems, []);
  await page.close();
});

test('names are text, whatever they hold', async () => {
  const name = '<img src=x onerror="window.hurt = true"></script>';
  opened.put('hostile.json', JSON.stringify(smallReport({ base: name, runs: [name] })));
  const { page, problems } = await opened.open(
    `<gate-scope src="hostile.json" figure="dots"></gate-scope>
    <gate-scope id="no" src="hostile.json" figure="dots" run="${'<b>'}"></gate-scope>${SCRIPT}`,
  );
  assert.ok((await words(page)).startsWith(name));
  assert.match(await alertOf(page, '#no'), /no run “<b>”/);
  assert.equal(await inside(page, '[part=panel]', (element) => element.querySelector('img')), null);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the module may be on a page twice', async () => {
  const { page, problems } = await opened.open(
    `<gate-scope src="report.json" figure="dots"></gate-scope>${SCRIPT}
    <script src="element/element.min.js"></script>`,
  );
  assert.match(await words(page), /^one /);
  assert.deepEqual(problems, []);
  await page.close();
});

test('a script with fewer figures takes those of a later one', async () => {
  const { page, problems } = await opened.open(
    `<gate-scope src="report.json" figure="spectrum"></gate-scope>
    <script type="module" src="real/element.light.min.js"></script>`,
  );
  assert.match(await alertOf(page), /no figure “spectrum”/);
  await page.addScriptTag({ type: 'module', url: 'real/element.min.js' });
  await page.waitForFunction(() =>
    document.querySelector('gate-scope').shadowRoot.querySelector('.panel svg'),
  );
  assert.equal(await inside(page, '[role=alert]', (element) => element.hidden), true);
  assert.deepEqual(problems, []);
  await page.close();
});

test('one file without imports is enough, under its hash and a strict policy', async () => {
  const text = readFileSync(path.join(opened.folder, 'element', 'element.min.js'));
  assert.doesNotMatch(text.toString(), /\bimport\s*[({'"]|\bfrom\s*['"]/);
  const hash = createHash('sha384').update(text).digest('base64');
  const { page, problems } = await opened.open(
    `<gate-scope src="report.json" figure="dots"></gate-scope>
    <script type="module" src="element/element.min.js" integrity="sha384-${hash}"></script>`,
    {
      head:
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ' +
        "script-src 'self'; connect-src 'self'; img-src data:\">",
    },
  );
  assert.match(await words(page), /^one /);
  assert.deepEqual(problems, []);
  await page.close();
});

test('the page for frames shows what its address says', async () => {
  const { page, problems } = await opened.open(
    '<iframe src="embed.html?embed=1&src=report.json&figure=dots&run=two&theme=dark" ' +
      'width="600" height="400" title="a figure"></iframe>',
  );
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  assert.match(await words(frame), /^two /);
  assert.equal(await frame.$eval('gate-scope', (host) => host.clientHeight), 400);
  assert.equal(await frame.$eval('gate-scope', (host) => host.theme), 'dark');
  assert.deepEqual(problems, []);
  await page.close();
});

/** Of the first view, gzipped. */
const MOST_BYTES = 25_000;
const FIRST_VIEWS = ['summary', 'dots', 'energy', 'heatmap', 'table'];

/** Notes when a figure is there: what is asked for later is not of the first view. */
const WATCH = `<script>
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    new MutationObserver(() => {
      if (root.querySelector('.panel > *')) window.drawn ??= performance.now();
    }).observe(root, { childList: true, subtree: true });
    return root;
  };
</script>`;

test('the first view is small, and needs neither wasm nor a worker', async () => {
  for (const figure of FIRST_VIEWS) {
    assert.ok(figure in PANELS);
    const { page, problems } = await opened.open(
      `<gate-scope figure="${figure}" src="report.json"></gate-scope>
      <script type="module" src="real/gate-scope.js"></script>`,
      { head: WATCH },
    );
    await page.waitForFunction(() => window.drawn);
    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ startTime }) => startTime <= window.drawn)
        .map(({ name }) => new URL(name).pathname),
    );
    const scripts = loaded.filter((name) => name.endsWith('.js'));
    assert.deepEqual(
      loaded.filter((name) => !scripts.includes(name)),
      ['/report.json'],
    );
    const sizes = scripts.map((name) => gzipSync(readFileSync(path.join(opened.folder, name))));
    const size = sizes.reduce((sum, { length }) => sum + length, 0);
    assert.ok(size <= MOST_BYTES, `${figure}: ${size} bytes, more than ${MOST_BYTES}`);
    assert.deepEqual(problems, []);
    await page.close();
  }
});
