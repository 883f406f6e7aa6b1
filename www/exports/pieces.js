// What a chart or a panel consists of, as pieces of one picture: drawings, maps, the texts and
// swatches beside them, each where it stands.
import { s } from '../dom/svg.js';
import { readColour, scratch } from './colours.js';
import { NOT_EXPORTED, imageOf, stillOf } from './still.js';

/** @import { Place } from './still.js' */

/** @typedef {{ node: Element, place: Place }} Piece */

/** What a reader works with, and what is said to those who cannot see. */
const CONTROLS =
  'select, input, textarea, label, fieldset, output, dialog, details, [role=radiogroup], ' +
  `[role=toolbar], [popover], ${NOT_EXPORTED}, .sr`;

/** A link that opens another page is marked so; on paper it leads nowhere. */
const LINK_MARK = '↗';

/**
 * @param {Element} element
 * @param {CSSStyleDeclaration} style
 */
function isSeen(element, style) {
  if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0')
    return false;
  if (element.matches(CONTROLS)) return false;
  // Buttons are controls, but for those in a sentence and the cells of a map.
  if (element.localName === 'button' && !element.closest('p, table, [role=grid]')) return false;
  const { width, height } = element.getBoundingClientRect();
  return style.display === 'contents' || width > 1 || height > 1;
}

/**
 * @param {DOMRect} rect
 * @param {DOMRect} origin
 * @returns {Place}
 */
const placeOf = (rect, origin) => ({
  x: rect.left - origin.left,
  y: rect.top - origin.top,
  width: rect.width,
  height: rect.height,
});

/**
 * The lines of a text as the browser broke them.
 * @param {Text} node
 */
function linesOf(node) {
  /** @type {{ text: string, rect: DOMRect }[]} */
  const lines = [];
  const range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    if (word === LINK_MARK) continue;
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const rect = range.getBoundingClientRect();
    const last = lines.at(-1);
    if (!rect.width) continue;
    if (last && Math.abs(last.rect.top - rect.top) < 2) {
      last.text += ` ${word}`;
      last.rect = new DOMRect(
        last.rect.left,
        last.rect.top,
        rect.right - last.rect.left,
        last.rect.height,
      );
    } else lines.push({ text: word, rect });
  }
  return lines;
}

/**
 * @param {Text} node
 * @param {CSSStyleDeclaration} style Of the element that it stands in.
 * @param {DOMRect} origin
 * @returns {Piece[]}
 */
function textPieces(node, style, origin) {
  const { colour, alpha } = readColour(style.color);
  const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return linesOf(node).map(({ text, rect }) => {
    const place = placeOf(rect, origin);
    const canvas = scratch();
    if (canvas) canvas.font = font;
    const ascent = canvas?.measureText(text).fontBoundingBoxAscent ?? 0.8 * rect.height;
    const shown = style.textTransform === 'uppercase' ? text.toUpperCase() : text;
    const attributes = {
      x: place.x,
      y: place.y + ascent,
      fill: colour,
      'fill-opacity': alpha < 1 ? alpha : null,
      'font-family': style.fontFamily,
      'font-size': style.fontSize,
      'font-style': style.fontStyle === 'normal' ? null : style.fontStyle,
      'font-weight': style.fontWeight === '400' ? null : style.fontWeight,
    };
    return { node: s('text', attributes, shown), place };
  });
}

/**
 * The ground of an element, where it has one: swatches and bars are made of such.
 * @param {Element} element
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} origin
 * @returns {Piece[]}
 */
function groundPieces(element, style, origin) {
  const { colour, alpha } = readColour(style.backgroundColor);
  if (alpha === 0) return [];
  const place = placeOf(element.getBoundingClientRect(), origin);
  const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, place.height / 2);
  return [
    {
      node: s('rect', {
        ...place,
        fill: colour,
        'fill-opacity': alpha < 1 ? alpha : null,
        rx: radius || null,
      }),
      place,
    },
  ];
}

/** How borders that are not solid are drawn. @type {Record<string, (width: number) => string>} */
const DASHES = {
  dashed: (width) => `${3 * width} ${2 * width}`,
  dotted: (width) => `${width} ${width}`,
};

/**
 * Lines above and below an element: keys of curves are made of such.
 * @param {Element} element
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} origin
 * @returns {Piece[]}
 */
function linePieces(element, style, origin) {
  const place = placeOf(element.getBoundingClientRect(), origin);
  return ['top', 'bottom'].flatMap((side) => {
    const width = parseFloat(style.getPropertyValue(`border-${side}-width`)) || 0;
    const line = style.getPropertyValue(`border-${side}-style`);
    const { colour, alpha } = readColour(style.getPropertyValue(`border-${side}-color`));
    if (!width || alpha === 0 || line === 'none' || line === 'hidden') return [];
    const y = place.y + (side === 'top' ? width / 2 : place.height - width / 2);
    const node = s('line', {
      x1: place.x,
      x2: place.x + place.width,
      y1: y,
      y2: y,
      stroke: colour,
      'stroke-opacity': alpha < 1 ? alpha : null,
      'stroke-width': width,
      'stroke-dasharray': DASHES[line]?.(width) ?? null,
    });
    return [{ node, place: { ...place, y: y - width / 2, height: width } }];
  });
}

/**
 * @param {Element} element
 * @param {DOMRect} origin
 * @returns {Piece[]}
 */
function piecesIn(element, origin) {
  const style = getComputedStyle(element);
  if (!isSeen(element, style)) return [];
  const place = placeOf(element.getBoundingClientRect(), origin);
  if (element instanceof SVGSVGElement) {
    const node = stillOf(element, place);
    return node ? [{ node, place }] : [];
  }
  if (element instanceof HTMLCanvasElement) return [{ node: imageOf(element, place), place }];
  return [
    ...groundPieces(element, style, origin),
    ...linePieces(element, style, origin),
    ...[...element.childNodes].flatMap((child) => {
      if (child instanceof Text) return textPieces(child, style, origin);
      return child instanceof Element ? piecesIn(child, origin) : [];
    }),
  ];
}

/**
 * The pieces of a chart, with the place that they take together.
 * @param {Element} chart
 */
export function takePieces(chart) {
  const origin = chart.getBoundingClientRect();
  const pieces = piecesIn(chart, origin).filter(({ place }) => place.width && place.height);
  const left = Math.min(...pieces.map(({ place }) => place.x), 0);
  const top = Math.min(...pieces.map(({ place }) => place.y), 0);
  const right = Math.max(...pieces.map(({ place }) => place.x + place.width), 0);
  const bottom = Math.max(...pieces.map(({ place }) => place.y + place.height), 0);
  return { pieces, place: { x: left, y: top, width: right - left, height: bottom - top } };
}
