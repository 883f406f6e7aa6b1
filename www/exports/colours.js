// Colours that every program reads: browsers give some as oklab() or color(), and colours with an
// alpha channel, which the presentation attributes of SVG do not have.

/** @typedef {{ colour: string, alpha: number }} Colour As #rrggbb. */

/** @type {Map<string, Colour>} */
const known = new Map();

/** @type {CanvasRenderingContext2D | null} */
let context = null;

/** A canvas that text is measured with and colours are read with. */
export function scratch() {
  context ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  return context;
}

/** @param {number} channel 0 to 255. */
const hex = (channel) =>
  Math.min(255, Math.max(0, Math.round(channel)))
    .toString(16)
    .padStart(2, '0');

/**
 * A colour as the browser draws it.
 * @param {string} text A computed colour.
 * @returns {Colour}
 */
function drawn(text) {
  const canvas = scratch();
  if (!canvas) return { colour: '#000000', alpha: 1 };
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return { colour: `#${hex(r)}${hex(g)}${hex(b)}`, alpha: a / 255 };
}

/** A colour of sRGB: with channels up to 255, or, where it is mixed of others, up to 1. */
const SRGB =
  /^(?:rgba?|color)\((?:srgb )?([\d.e-]+),? ([\d.e-]+),? ([\d.e-]+)(?:,| \/)? ?([\d.]+)?\)$/;

/**
 * A colour whose channels stand in its text; null for one of another space.
 * @param {string} text
 * @returns {Colour | null}
 */
function written(text) {
  const parts = SRGB.exec(text);
  if (!parts) return null;
  const scale = text.startsWith('color') ? 255 : 1;
  const channels = parts.slice(1, 4).map((part) => hex(Number(part) * scale));
  return { colour: `#${channels.join('')}`, alpha: Number(parts[4] ?? 1) };
}

/**
 * A computed colour, its alpha channel apart.
 * @param {string} text
 * @returns {Colour}
 */
export function readColour(text) {
  const before = known.get(text);
  if (before) return before;
  const colour = written(text) ?? drawn(text);
  known.set(text, colour);
  return colour;
}
