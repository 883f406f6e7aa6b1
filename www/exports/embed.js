// The dialog with what an author puts into a page.
import { h } from '../dom/elements.js';
import { PANELS } from '../panels/index.js';
import { copyButton } from './clipboard.js';
import { showDialog } from './dialog.js';
import { escapeJson } from './html.js';
import { namePanel } from './panels.js';
import { elementSnippet, fragmentSnippet, frameSnippet } from './snippets.js';
import { OF_A_TENSOR, nameCompared } from './source.js';
import { trimReport } from './trim.js';

/** @import { View } from '../panels/view.js' */
/** @import { Shown } from './snippets.js' */

/** Where the built element lies beside the page. */
const addressOf = (/** @type {string} */ file) => new URL(file, document.baseURI).href;

/** The element in one file; the same for every snippet. @type {Promise<string> | null} */
let code = null;

function loadCode() {
  code ??= fetch(addressOf('element/element.min.js')).then((response) => {
    if (!response.ok) throw new Error('element/element.min.js is not here: run `npm run build`.');
    return response.text();
  });
  code.catch(() => (code = null));
  return code;
}

/**
 * The hash by which a browser knows that a file is the one that was meant; null where the page may
 * not compute it.
 * @param {string} text
 */
async function integrityOf(text) {
  if (!globalThis.crypto?.subtle) return null;
  const hash = await crypto.subtle.digest('SHA-384', new TextEncoder().encode(text));
  return `sha384-${btoa(String.fromCharCode(...new Uint8Array(hash)))}`;
}

/**
 * What a figure is asked for by, as the view has it.
 * @param {View} view
 * @param {string} figure
 * @returns {Shown}
 */
function shownIn({ report, run, metric, tensor, alpha }, figure) {
  return {
    figure,
    metric: figure === 'heatmap' ? metric : null,
    run: report.runs.length > 1 ? report.runs[run].checkpoint.name : null,
    tensor: OF_A_TENSOR.has(figure) ? tensor : null,
    alpha: report.settings.alphas.length > 1 ? String(report.settings.alphas[alpha]) : null,
  };
}

/**
 * @param {string} title
 * @param {string} about
 * @param {string} text
 */
const snippetBlock = (title, about, text) =>
  h(
    'section',
    {},
    h('h3', {}, title),
    h('p', { class: 'quiet' }, about),
    h('textarea', { readOnly: true, rows: 4, spellcheck: false, 'aria-label': title }, text),
    copyButton('Copy', () => text),
  );

/**
 * @param {View} view
 * @param {string} figure
 * @param {string} src Where the author will put the report.
 * @param {() => string | Promise<string>} readReport
 */
async function snippets(view, figure, src, readReport) {
  const shown = shownIn(view, figure);
  const title = `${namePanel(figure)}: ${nameCompared(view.report, view.report.runs)}`;
  const built = await loadCode();
  const trimmed = trimReport(JSON.parse(await readReport()), figure, view.tensor);
  const fragment = fragmentSnippet({
    ...shown,
    code: built,
    report: escapeJson(JSON.stringify(trimmed)),
  });
  const page = addressOf('embed.html');
  return [
    snippetBlock(
      'Element',
      'One script for all figures of a page, and report.json beside it.',
      elementSnippet({
        ...shown,
        script: addressOf('element/element.min.js'),
        integrity: await integrityOf(built),
        src,
      }),
    ),
    snippetBlock(
      'Frame',
      'For pages that take no foreign script.',
      frameSnippet({ ...shown, page, src: new URL(src, document.baseURI).href, title }),
    ),
    snippetBlock(
      'Fragment',
      `Script and values in one piece, ${Math.ceil(fragment.length / 1000)} kB: for templates ` +
        'that take HTML and no files.',
      fragment,
    ),
  ];
}

/**
 * Opens the dialog.
 * @param {View} view
 * @param {() => string | Promise<string>} readReport
 */
export function showEmbed(view, readReport) {
  const figure = h(
    'select',
    { onchange: () => update() },
    Object.keys(PANELS).map((panel) => h('option', { value: panel }, namePanel(panel))),
  );
  const src = h('input', { value: 'report.json', spellcheck: false, onchange: () => update() });
  const blocks = h('div', { class: 'export-snippets' });
  let turn = 0;
  const update = async () => {
    const mine = (turn += 1);
    try {
      const made = await snippets(view, figure.value, src.value || 'report.json', readReport);
      if (mine === turn) blocks.replaceChildren(...made);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      blocks.replaceChildren(h('p', { class: 'problem', role: 'alert' }, message));
    }
  };
  showDialog(
    'Embed a figure',
    h(
      'div',
      { class: 'export-fields' },
      h('label', {}, 'Figure ', figure),
      h('label', {}, 'Address of the report ', src),
    ),
    blocks,
  );
  update();
}
