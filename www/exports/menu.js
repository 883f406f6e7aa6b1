// What a reader can take away: the whole result, its tables, a chart, a caption, and what puts a
// figure into another page.
import { download } from '../dom/browser.js';
import { h } from '../dom/elements.js';
import { caption } from './caption.js';
import { pngOf, svgOfView } from './chart.js';
import { copyText } from './clipboard.js';
import { showDialog } from './dialog.js';
import { dropdown } from './dropdown.js';
import { showEmbed } from './embed.js';
import { fillTemplate, loadTemplate } from './html.js';
import { namePanel, panelsFor, svgOfPanel } from './panels.js';
import { fileName } from './source.js';
import { messageOf } from '../report/message.js';

/** @import { View } from '../panels/view.js' */
/** @import { Ground } from './chart.js' */

/** @typedef {{ name: string, type: string, blob: Blob }} SavedFile */

/**
 * @typedef {object} Means
 * @property {() => string | Promise<string>} text The report as its file has it.
 * @property {() => Promise<SavedFile | null>} [file] The same as a file: a long one is packed.
 * @property {(() => string | Promise<string>) | null} [csv] Where something can write it.
 * @property {boolean} [alone] Whether the page is an exported file: what it would need of a server
 * is not offered.
 */

/**
 * Offers a picture as a file.
 * @param {View} view
 * @param {'svg' | 'png'} type
 * @param {string} svg
 * @param {string} part What it is of.
 */
async function savePicture(view, type, svg, part) {
  if (type === 'svg') download(fileName(view.report, '.svg', part), 'image/svg+xml', svg);
  else download(fileName(view.report, '.png', part), 'image/png', await pngOf(svg));
}

/**
 * The result as one HTML file.
 * @param {View} view
 * @param {Means} means
 */
async function saveHtml({ report }, { text }) {
  const [template, json] = await Promise.all([loadTemplate(), text()]);
  const html = fillTemplate(template, {
    base: report.base?.name,
    runs: report.runs.map(({ checkpoint }) => checkpoint.name),
    text: json,
  });
  download(fileName(report, '.html'), 'text/html', html);
}

/**
 * The report as its file.
 * @param {View} view
 * @param {Means} means
 */
async function saveReport({ report }, { text, file }) {
  const packed = await file?.();
  const ending = packed?.name.endsWith('.gz') ? '.json.gz' : '.json';
  const type = packed?.type ?? 'application/json';
  download(fileName(report, ending), type, packed?.blob ?? (await text()));
}

/** @param {View} view */
function showPictures(view) {
  const panel = h(
    'select',
    {},
    panelsFor(view).map((name) => h('option', { value: name }, namePanel(name))),
  );
  const ground = h(
    'select',
    {},
    h('option', { value: 'white' }, 'white'),
    h('option', { value: 'theme' }, 'as shown'),
  );
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  /** @param {'svg' | 'png'} type */
  const button = (type) =>
    h(
      'button',
      {
        type: 'button',
        onclick: async () => {
          problem.hidden = true;
          try {
            const on = /** @type {Ground} */ (ground.value);
            const svg = await svgOfPanel(panel.value, view, on);
            await savePicture(view, type, svg, panel.value);
          } catch (error) {
            problem.textContent = messageOf(error);
            problem.hidden = false;
          }
        },
      },
      type.toUpperCase(),
    );
  showDialog(
    'A chart as a picture',
    h(
      'div',
      { class: 'export-fields' },
      h('label', {}, 'Chart ', panel),
      h('label', {}, 'Ground ', ground),
      button('svg'),
      button('png'),
    ),
    problem,
  );
}

/**
 * The menu of a result.
 * @param {() => View} read The view when something is taken away.
 * @param {Means} means
 */
export function exportMenu(read, means) {
  const { text, csv = null, alone = false } = means;
  const said = h('p', { class: 'export-said', role: 'status' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const copied = async () => {
    const { report, runs } = read();
    clearTimeout(timer);
    said.textContent = '';
    if (!(await copyText(caption(report, { runs }))))
      throw new Error('The caption was not copied.');
    said.textContent = 'The caption was copied.';
    timer = setTimeout(() => (said.textContent = ''), 4000);
  };
  const menu = dropdown(
    'Export ▾',
    [
      alone ? null : { label: 'Whole result as one HTML file', run: () => saveHtml(read(), means) },
      { label: 'report.json', id: 'download-report', run: () => saveReport(read(), means) },
      csv && {
        label: 'All values as CSV',
        id: 'download-csv',
        run: async () => download(fileName(read().report, '.csv'), 'text/csv', await csv()),
      },
      { label: 'Chart as SVG or PNG …', run: () => showPictures(read()) },
      { label: 'Copy a caption', run: copied, stays: true },
      alone ? null : { label: 'Embed a figure …', run: () => showEmbed(read(), text) },
    ],
    { className: 'export-result' },
  );
  menu.querySelector('.export-list')?.append(said);
  return menu;
}

/**
 * The button of one chart: a picture of it.
 * @param {Element} chart
 * @param {View | (() => View)} given The view, or what reads it when a picture is taken.
 * @param {string} title
 */
export function chartMenu(chart, given, title) {
  /**
   * @param {'svg' | 'png'} type
   * @param {Ground} ground
   */
  const save = (type, ground) => () => {
    const view = typeof given === 'function' ? given() : given;
    // The pixels of a map are in the page's theme, and its key has to be, too.
    const on = chart.querySelector('canvas') || chart.localName === 'canvas' ? 'theme' : ground;
    return savePicture(view, type, svgOfView(chart, view, { title, ground: on }), title);
  };
  return dropdown(
    h('span', { 'aria-hidden': 'true' }, '⤓'),
    [
      { label: 'SVG', run: save('svg', 'white') },
      { label: 'PNG', run: save('png', 'white') },
      { label: 'SVG as shown', run: save('svg', 'theme') },
      { label: 'PNG as shown', run: save('png', 'theme') },
    ],
    { label: `Save as a picture: ${title}`, className: 'export-chart' },
  );
}
