// Writes posters/: each figure of the built article as an SVG. To be run after build.mjs, and then
// build.mjs again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { servePage } from '../../scripts/lib/page.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What draws a figure as a picture, as a script that a page can be given. */
async function bundleCharts() {
  const { output } = await build({
    input: here('../../www/exports/chart.js'),
    platform: 'browser',
    write: false,
    output: { format: 'iife', name: 'charts', codeSplitting: false },
  });
  return output[0].code;
}

const server = await servePage({ folder: here('dist') });
const browser = await launchChromium({ webgpu: false });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1040, height: 900 });
  await page.goto(server.url);
  await page.addScriptTag({ content: await bundleCharts() });
  const pictures = await page.evaluate(async () => {
    const figures = [...document.querySelectorAll('gate-scope')];
    const drawn = figures.map(async (figure) => {
      const ready = new Promise((resolve) => {
        figure.addEventListener('load', resolve);
        setTimeout(resolve, 10_000);
      });
      figure.loading = null;
      if (!figure.view) await ready;
      const panel = figure.shadowRoot.querySelector('[part=panel]');
      const title = figure.closest('figure').querySelector('figcaption').textContent.trim();
      const picture = globalThis.charts.svgOfView(panel, figure.view, { title });
      return [figure.getAttribute('figure'), picture];
    });
    return Promise.all(drawn);
  });
  mkdirSync(here('posters'), { recursive: true });
  for (const [name, text] of pictures) writeFileSync(here(`posters/${name}.svg`), `${text}\n`);
} finally {
  await browser.close();
  await server.close();
}
