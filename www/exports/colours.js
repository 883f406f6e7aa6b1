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
const hex = (channel) => Math.round(channel).toString(16).padStart(2, '0');

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

/**
 * A computed colour, its alpha channel apart.
 * @param {string} text
 * @returns {Colour}
 */
export function readColour(text) {
  const before = known.get(text);
  if (before) return before;
  const parts = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(text);
  const colour = parts
    ? {
        colour: `#${[parts[1], parts[2], parts[3]].map((part) => hex(Number(part))).join('')}`,
        alpha: parts[4] === undefined ? 1 : Number(parts[4]),
      }
    : drawn(text);
  known.set(text, colour);
  return colour;
}
