// A chart as a picture of its own: with its title, the runs' colours, and where its values come
// from.
import { h } from '../dom/elements.js';
import { s } from '../dom/svg.js';
import { runColour, runLetter } from '../report/run-colours.js';
import { readColour, scratch } from './colours.js';
import { breakLines, cleanXml } from './lines.js';
import { takePieces } from './pieces.js';
import { sourceLine } from './source.js';

/** @import { View } from '../panels/view.js' */

/** @typedef {'white' | 'theme'} Ground What a picture stands on: paper, or what the page shows. */

/** @typedef {{ name: string, colour: string }} KeyEntry */

const MARGIN = 16;
/** Narrower charts get room for their title and source beside them. */
const LEAST_WIDTH = 320;
const FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const TITLE = { size: 16, weight: '600', line: 21 };
const SMALL = { size: 12, weight: '400', line: 17 };
/** A swatch of the key, and the room after it and after a name. */
const SWATCH = { radius: 5, after: 8, between: 18 };

/** @param {{ size: number, weight: string }} font */
const measureIn = (font) => (/** @type {string} */ text) => {
  const canvas = scratch();
  if (!canvas) return text.length * font.size * 0.6;
  canvas.font = `${font.weight} ${font.size}px ${FAMILY}`;
  return canvas.measureText(text).width;
};

/**
 * @param {string} text
 * @param {{ size: number, weight: string, line: number }} font
 * @param {{ x: number, y: number, width: number, colour: string }} place
 */
function textBlock(text, font, { x, y, width, colour }) {
  const lines = breakLines(text, width, measureIn(font));
  const nodes = lines.map((line, i) =>
    s(
      'text',
      {
        x,
        y: y + font.size + i * font.line,
        fill: colour,
        'font-size': font.size,
        'font-weight': font.weight,
      },
      line,
    ),
  );
  return { nodes, height: lines.length * font.line };
}

/**
 * The runs with their colours, in as many lines as they need.
 * @param {KeyEntry[]} key
 * @param {{ x: number, y: number, width: number, colour: string }} place
 */
function keyBlock(key, { x, y, width, colour }) {
  const measure = measureIn(SMALL);
  const dot = 2 * SWATCH.radius + SWATCH.after;
  /** @type {Element[]} */
  const nodes = [];
  let [left, top] = [0, 0];
  for (const entry of key) {
    const [name] = breakLines(entry.name, width - dot, measure);
    const long = dot + measure(name ?? '');
    if (left > 0 && left + long > width) [left, top] = [0, top + SMALL.line];
    const middle = y + top + SMALL.line / 2;
    nodes.push(
      s('circle', {
        cx: x + left + SWATCH.radius,
        cy: middle,
        r: SWATCH.radius,
        fill: entry.colour,
      }),
      s(
        'text',
        { x: x + left + dot, y: middle + 4, fill: colour, 'font-size': SMALL.size },
        name === entry.name ? name : `${name}…`,
      ),
    );
    left += long + SWATCH.between;
  }
  return { nodes, height: key.length ? top + SMALL.line : 0 };
}

/**
 * Reads a chart under a theme. Nothing is painted between, so that nobody sees it.
 * @template Result
 * @param {Element} chart
 * @param {Ground} ground
 * @param {(resolve: (colour: string) => string) => Result} read
 */
function readOn(chart, ground, read) {
  const root = chart.getRootNode();
  const frame = chart.parentElement ?? (root instanceof ShadowRoot ? root.host : chart);
  const probe = h('span', { hidden: true });
  frame.append(probe);
  const { style } = /** @type {HTMLElement} */ (frame);
  const [scheme, text] = [style.colorScheme, style.color];
  if (ground === 'white') [style.colorScheme, style.color] = ['light', 'var(--text)'];
  try {
    return read((colour) => {
      probe.style.color = colour;
      return readColour(getComputedStyle(probe).color).colour;
    });
  } finally {
    [style.colorScheme, style.color] = [scheme, text];
    probe.remove();
  }
}

/** A panel's own title: a second one above it would say the same. */
const HEADINGS = 'h1, h2, h3, h4, h5, h6, figcaption';

/**
 * A chart, or a panel with charts, as the text of an SVG file.
 * @param {Element} chart It has to be on the page, since its styles are read.
 * @param {object} options
 * @param {string} [options.title] Drawn where the chart has none of its own.
 * @param {string} options.source
 * @param {KeyEntry[]} [options.key] Colours may be variables of the theme.
 * @param {Ground} [options.ground]
 */
export const chartSvg = (chart, { title, source, key = [], ground = 'white' }) =>
  readOn(chart, ground, (resolve) => {
    const { pieces, place } = takePieces(chart);
    const inner = Math.max(LEAST_WIDTH, Math.ceil(place.width));
    const [text, quiet] = [resolve('var(--text)'), resolve('var(--quiet)')];
    const block = { x: MARGIN, width: inner };
    let y = MARGIN;
    const headed = !title || chart.querySelector(HEADINGS) !== null;
    const head = headed ? null : textBlock(title, TITLE, { ...block, y, colour: text });
    y += head ? head.height + 6 : 0;
    const entries = key.map(({ name, colour }) => ({ name, colour: resolve(colour) }));
    const names = keyBlock(entries, { ...block, y, colour: text });
    y += names.height ? names.height + 8 : 0;
    const drawing = s(
      'g',
      { transform: `translate(${MARGIN - place.x} ${y - place.y})` },
      pieces.map(({ node }) => node),
    );
    y += Math.ceil(place.height) + 10;
    const foot = textBlock(source, SMALL, { ...block, y, colour: quiet });
    y += foot.height + MARGIN;
    const [width, height] = [inner + 2 * MARGIN, y];
    const svg = s(
      'svg',
      { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': FAMILY, role: 'img' },
      title ? s('title', {}, title) : null,
      s('desc', {}, source),
      s('rect', { width, height, fill: ground === 'white' ? '#ffffff' : resolve('var(--panel)') }),
      head?.nodes,
      names.nodes,
      drawing,
      foot.nodes,
    );
    return cleanXml(new XMLSerializer().serializeToString(svg));
  });

/** The key of the runs that panels have themselves, where they tell several apart. */
const OWN_KEY = '.run-key';

/**
 * The same of a view: its source line and its runs.
 * @param {Element} chart
 * @param {Pick<View, 'report' | 'runs'>} view
 * @param {{ title?: string, ground?: Ground }} options
 */
export const svgOfView = (chart, { report, runs }, options) =>
  chartSvg(chart, {
    ...options,
    source: sourceLine(report, runs),
    key: [...chart.querySelectorAll(OWN_KEY)].some((own) => own.getClientRects().length)
      ? []
      : runs.map((place) => ({
          name:
            runs.length > 1
              ? `${runLetter(place)} · ${report.runs[place].checkpoint.name}`
              : report.runs[place].checkpoint.name,
          colour: runColour(place),
        })),
  });

/** Browsers draw no canvas with a longer side. */
const LONGEST_SIDE = 16384;

/**
 * An SVG as a PNG of twice its size.
 * @param {string} svg
 * @param {number} [scale]
 * @returns {Promise<Blob>}
 */
export async function pngOf(svg, scale = 2) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const factor = Math.min(scale, LONGEST_SIDE / Math.max(width, height));
  const canvas = h('canvas', {
    width: Math.round(width * factor),
    height: Math.round(height * factor),
  });
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
  if (!(blob instanceof Blob)) throw new Error('The browser made no PNG of this chart.');
  return blob;
}
