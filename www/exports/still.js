// A still of what stands on the page: an SVG of it as its computed styles make it, so that it looks
// the same without the page's style sheets.
import { s } from '../dom/svg.js';
import { readColour } from './colours.js';

/** @typedef {Record<string, string>} Styles */

/**
 * Properties that children take over, with what they are where nobody sets them: written where they
 * differ from the parent's.
 * @type {Styles}
 */
const INHERITED = {
  fill: '#000000',
  'fill-opacity': '1',
  'fill-rule': 'nonzero',
  stroke: 'none',
  'stroke-width': '1px',
  'stroke-dasharray': 'none',
  'stroke-dashoffset': '0px',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  'stroke-opacity': '1',
  'font-family': '',
  'font-size': '',
  'font-style': 'normal',
  'font-weight': '400',
  'font-variant-numeric': 'normal',
  'letter-spacing': 'normal',
  'text-anchor': 'start',
  'dominant-baseline': 'auto',
  'paint-order': 'normal',
  visibility: 'visible',
  'shape-rendering': 'auto',
  'image-rendering': 'auto',
};

/** Properties of an element alone, with what they are where nobody sets them. */
const OWN = Object.entries({
  opacity: '1',
  'clip-path': 'none',
  'vector-effect': 'none',
  'stop-color': 'rgb(0, 0, 0)',
  'stop-opacity': '1',
});

/** Where a colour's alpha channel goes. @type {Record<string, string>} */
const ALPHA = { fill: 'fill-opacity', stroke: 'stroke-opacity', 'stop-color': 'stop-opacity' };

/** What makes no picture, or would bring in what is not in the file. */
const LEFT_OUT = new Set(['script', 'style', 'foreignobject', 'iframe', 'video', 'audio']);

/** What a reader of the page works with: it says nothing on paper. */
export const NOT_EXPORTED = '[data-not-exported]';

/** Of the attributes, these are of the page: how it finds, styles, reads out and moves elements. */
const OF_THE_PAGE = /^(class|style|role|tabindex|focusable|cursor|on.*|aria-.*|data-.*)$/;

/**
 * Whether an address is inside the file itself.
 * @param {string} address
 */
const isLocal = (address) => /^(#|data:image\/)/.test(address.trim());

/**
 * The styles of an element as attributes: those that its parent does not give it already.
 * @param {Element} element
 * @param {Styles} parent
 */
function stylesOf(element, parent) {
  const computed = getComputedStyle(element);
  /** @type {Styles} */
  const all = {};
  for (const name of Object.keys(INHERITED)) all[name] = computed.getPropertyValue(name);
  /** @type {Styles} */
  const own = {};
  for (const [name, initial] of OWN) {
    const value = computed.getPropertyValue(name);
    if (value && value !== initial) own[name] = value;
  }
  for (const styles of [all, own])
    for (const [name, value] of Object.entries(styles)) {
      if (value.startsWith('url(')) styles[name] = value.replace(/url\("(#[^"]*)"\)/g, 'url($1)');
      if (!(name in ALPHA) || value === 'none' || value.startsWith('url(')) continue;
      const { colour, alpha } = readColour(value);
      styles[name] = colour;
      if (alpha < 1) styles[ALPHA[name]] = String(alpha * Number(styles[ALPHA[name]] ?? 1));
    }
  const changed = Object.entries(all).filter(([name, value]) => value && value !== parent[name]);
  return { all, shown: { ...Object.fromEntries(changed), ...own } };
}

/**
 * A copy of an element of SVG that needs no style sheet; null where it is not seen.
 * @param {Element} element
 * @param {Styles} parent What the copy's parent gives.
 * @returns {Element | null}
 */
function copy(element, parent) {
  const name = element.localName;
  if (LEFT_OUT.has(name.toLowerCase()) || element.matches(NOT_EXPORTED)) return null;
  if (getComputedStyle(element).display === 'none' && !isDefinition(element)) return null;
  // A link has nowhere to lead to from a picture.
  const still = document.createElementNS('http://www.w3.org/2000/svg', name === 'a' ? 'g' : name);
  for (const { name: attribute, value } of element.attributes) {
    if (OF_THE_PAGE.test(attribute) || attribute.startsWith('xmlns')) continue;
    if (/(^|:)href$/.test(attribute)) {
      if (name !== 'a' && isLocal(value)) still.setAttribute('href', value);
    } else still.setAttribute(attribute, value);
  }
  const { all, shown } = stylesOf(element, parent);
  for (const [property, value] of Object.entries(shown)) still.setAttribute(property, value);
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) still.append(child.textContent ?? '');
    else if (child instanceof Element) {
      const copied = copy(child, all);
      if (copied) still.append(copied);
    }
  }
  return still;
}

/**
 * Elements that are drawn only where others use them have no display of their own.
 * @param {Element} element
 */
const isDefinition = (element) =>
  /^(defs|clipPath|linearGradient|radialGradient|stop|pattern|mask|marker|symbol|title|desc)$/.test(
    element.localName,
  );

/** @typedef {{ x: number, y: number, width: number, height: number }} Place */

/**
 * An SVG of the page as one that stands alone, at a place of a larger one.
 * @param {SVGSVGElement} svg
 * @param {Place} place
 */
export function stillOf(svg, { x, y, width, height }) {
  const still = copy(svg, INHERITED);
  if (!still) return null;
  const own = svg.viewBox.baseVal;
  if (!own?.width) still.setAttribute('viewBox', `0 0 ${width} ${height}`);
  for (const [name, value] of Object.entries({ x, y, width, height }))
    still.setAttribute(name, String(Math.round(value * 100) / 100));
  return still;
}

/**
 * A canvas as an image of its pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {Place} place
 */
export const imageOf = (canvas, place) =>
  s('image', {
    ...place,
    href: canvas.toDataURL('image/png'),
    preserveAspectRatio: 'none',
    'image-rendering': canvas.width < place.width ? 'pixelated' : null,
    style: canvas.width < place.width ? 'image-rendering: pixelated' : null,
  });
