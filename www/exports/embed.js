// The dialog with what an author puts into a page.
import { h } from '../dom/elements.js';
import { copyButton } from './clipboard.js';
import { showDialog } from './dialog.js';
import { escapeJson } from './html.js';
import { namePanel, panelsFor, svgOfPanel } from './panels.js';
import { elementSnippet, fragmentSnippet, frameSnippet } from './snippets.js';
import { OF_A_TENSOR, nameCompared } from './source.js';
import { trimReport } from './trim.js';
import { messageOf } from '../report/message.js';

/** @import { View } from '../panels/view.js' */
/** @import { Shown } from './snippets.js' */

/** Where the built element lies beside the page. */
const addressOf = (/** @type {string} */ file) => new URL(file, document.baseURI).href;

/** The element in one file, by its name. @type {Map<string, Promise<string>>} */
const codes = new Map();

/** @param {string} name */
function loadCode(name) {
  const loading =
    codes.get(name) ??
    fetch(addressOf(`element/${name}`)).then((response) => {
      if (!response.ok) throw new Error(`element/${name} is not here: run \`npm run build\`.`);
      return response.text();
    });
  codes.set(name, loading);
  loading.catch(() => codes.delete(name));
  return loading;
}

/** Charts of a tensor need a library that the other figures do without. @param {string} figure */
const lightCode = (figure) => (OF_A_TENSOR.has(figure) ? 'element.min.js' : 'element.light.min.js');

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

/** A still that is longer makes a snippet that nobody can handle. */
const LONGEST_STILL = 150_000;

/**
 * What stands in the figure's place without scripts and on paper; none where it would be long.
 * @param {View} view
 * @param {string} figure
 */
async function stillOf(view, figure) {
  // A table is longer than a page.
  if (figure === 'table') return '';
  const svg = await svgOfPanel(figure, view, 'white');
  return svg.length <= LONGEST_STILL ? svg : '';
}

/** Addresses of the reader's own machine are of use to nobody else. */
const isLocal = () => /^(localhost|127\..*|\[::1\])$/.test(new URL(document.baseURI).hostname);

/**
 * Snippets that ask for a report at an address.
 * @param {View} view
 * @param {string} figure
 * @param {string} src Where the author will put the report.
 * @param {string} still
 */
async function linkedSnippets(view, figure, src, still) {
  const shown = shownIn(view, figure);
  const title = `${namePanel(figure)}: ${nameCompared(view.report, view.report.runs)}`;
  return [
    snippetBlock(
      'Element',
      'One script for all figures of a page, and the report at its address.',
      elementSnippet({
        ...shown,
        script: addressOf('element/element.min.js'),
        integrity: await integrityOf(await loadCode('element.min.js')),
        src,
        still,
      }),
    ),
    snippetBlock(
      'Frame',
      'For pages that take no foreign script.',
      frameSnippet({
        ...shown,
        page: addressOf('embed.html'),
        src: new URL(src, document.baseURI).href,
        title,
      }),
    ),
  ];
}

/**
 * @param {View} view
 * @param {string} figure
 * @param {string} src Empty where the author has not said it yet.
 * @param {() => string | Promise<string>} readReport
 */
async function snippets(view, figure, src, readReport) {
  const still = await stillOf(view, figure);
  const trimmed = trimReport(JSON.parse(await readReport()), figure, view.tensor);
  const fragment = fragmentSnippet({
    ...shownIn(view, figure),
    code: await loadCode(lightCode(figure)),
    report: escapeJson(JSON.stringify(trimmed)),
    still,
  });
  const linked = src
    ? await linkedSnippets(view, figure, src, still)
    : [
        h(
          'p',
          { class: 'quiet' },
          'An element or a frame fetches report.json: say where it will lie.',
        ),
      ];
  const warning =
    src && isLocal()
      ? h(
          'p',
          { class: 'problem' },
          'This page is on your own machine, and so are the addresses of the script and of ' +
            'embed.html: put dist/ on a host that your readers reach, and open it there.',
        )
      : null;
  return [
    warning,
    ...linked,
    snippetBlock(
      'Fragment',
      `Script and values in one piece, ${Math.ceil(fragment.length / 1000)} kB: for templates ` +
        'that take HTML and no files.',
      fragment,
    ),
  ].filter((block) => block !== null);
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
    panelsFor(view).map((panel) => h('option', { value: panel }, namePanel(panel))),
  );
  const src = h('input', {
    placeholder: 'https://…/report.json',
    spellcheck: false,
    onchange: () => update(),
  });
  const blocks = h('div', { class: 'export-snippets' });
  let turn = 0;
  const update = async () => {
    const mine = (turn += 1);
    try {
      const made = await snippets(view, figure.value, src.value.trim(), readReport);
      if (mine === turn) blocks.replaceChildren(...made);
    } catch (error) {
      const message = messageOf(error);
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
