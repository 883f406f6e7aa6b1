// What the tests of a tensor's tabs share: the page with the report of the sample's first layer,
// and ways to read what it shows.
import { after, before } from 'node:test';
import {
  dropReport,
  openDetail,
  openPage,
  openTensor,
  runLayer,
  sampleLayer,
} from '../../e2e/harness.mjs';

export const RUN_MS = 180_000;
export const Q = 'model.layers.0.self_attn.q_proj.weight';
export const DOWN = 'model.layers.0.mlp.down_proj.weight';
export const NORM = 'model.layers.0.input_layernorm.weight';
export const PARTS = ['Where the update lies', 'On the matrix', 'Attention heads'];
export let opened;
export let report;
/** The same, its larger matrices estimated. */
export let estimated;

before(
  async () => {
    opened = await openPage({
      before: (page) =>
        page.emulateMediaFeatures([
          { name: 'prefers-reduced-motion', value: 'reduce' },
          { name: 'prefers-color-scheme', value: 'light' },
        ]),
    });
    estimated = await sampleLayer(opened.page, { exact_limit: 1 });
    report = await runLayer(opened.page, { exact_limit: 512 });
    await opened.page.waitForSelector('.tensor-grid .row', { visible: true });
  },
  { timeout: RUN_MS },
);
after(() => opened?.close());

let shown = 0;
/** Drops a report and waits until it is the one in view, which the base's name tells. */
export async function show(content) {
  shown += 1;
  await dropReport(opened.page, { ...content, base: { ...content.base, name: `base ${shown}` } });
  await opened.page.waitForFunction(
    (name) =>
      document.querySelector('.conditions').textContent.startsWith(`${name} →`) &&
      document.querySelector('.tensor-grid .row'),
    {},
    `base ${shown}`,
  );
}
export const texts = (selector) =>
  opened.page.$$eval(selector, (all) => all.map((element) => element.textContent));
export const tensor = (name) => report.runs[0].tensors.find((entry) => entry.name === name);
export const part = (name) => `#detail section[aria-label="${name}"]`;
export const parts = () =>
  opened.page.$$eval('#detail section', (all) =>
    all.map((element) => element.getAttribute('aria-label')),
  );
export const select = (name) => openTensor(opened.page, name);
export const tab = (id) => openDetail(opened.page, id);
export const table = (title) =>
  opened.page.$$eval(`#detail table[aria-label="${title}"] tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
/** What is written below a chart of the detail view. */
export const beside = (title) =>
  opened.page.$$eval(
    '#detail figure',
    (all, wanted) =>
      all
        .find((element) => element.querySelector('strong').textContent === wanted)
        .querySelector('.beside').textContent,
    title,
  );
/** Cells of a table against k, a figure and its chance level in two lines each. */
export const against = (title) =>
  opened.page.$$eval(`#detail table[aria-label="${title}"] tbody tr`, (rows) =>
    rows.map((row) =>
      [...row.children].map((cell) =>
        [...cell.childNodes].map((node) => node.textContent).join('; '),
      ),
    ),
  );
export const dashes = (chart) =>
  opened.page.$$eval(`#detail svg[aria-label="${chart}"] [aria-label=line] path`, (all) =>
    all
      .filter((element) => element.closest('[stroke-dasharray]'))
      .map((element) => element.getAttribute('d')),
  );
export const pixel = (title, cell) =>
  opened.page.evaluate(
    (wanted, at) => {
      const figure = [...document.querySelectorAll('figure')].find(
        (element) => element.querySelector('strong').textContent === wanted,
      );
      const canvas = figure.querySelector('canvas');
      // Read from a copy: the page's own canvas is not made for it, and the browser would say so.
      const copy = Object.assign(document.createElement('canvas'), {
        width: 1,
        height: 1,
      }).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, -(at % canvas.width), -Math.floor(at / canvas.width));
      return [...copy.getImageData(0, 0, 1, 1).data];
    },
    title,
    cell,
  );
