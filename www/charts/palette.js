// Colours of the page as numbers, for pixels: they cannot use CSS variables.

/** Where a scale has a middle, and where it has none. */
export const PALETTES = {
  div: Array.from({ length: 9 }, (_, i) => `var(--div-${i + 1})`),
  seq: [8, 31, 54, 77, 100].map(
    (part) => `color-mix(in srgb, var(--accent) ${part}%, var(--panel))`,
  ),
};

/** @typedef {keyof typeof PALETTES} PaletteName */
/** @typedef {[number, number, number]} Channels Red, green and blue, 0 to 255. */

/**
 * The channels of a colour as browsers compute it: rgb(), or color(srgb …) for a mixture.
 * @param {string} colour
 * @returns {Channels}
 */
export function channelsOf(colour) {
  const numbers = (colour.match(/-?\d*\.?\d+(e-?\d+)?/g) ?? []).map(Number);
  const scale = colour.startsWith('color(srgb') ? 255 : 1;
  const [r = 0, g = 0, b = 0] = numbers.slice(0, 3).map((part) => Math.round(part * scale));
  return [r, g, b];
}

/**
 * The stops of a palette as they are seen at a place of the page.
 * @param {Element} place
 * @param {PaletteName} name
 * @returns {Channels[]}
 */
export function readPalette(place, name) {
  const around = place.isConnected ? place : document.body;
  const probe = document.createElement('i');
  probe.style.display = 'none';
  around.append(probe);
  const stops = PALETTES[name].map((colour) => {
    probe.style.color = colour;
    return channelsOf(getComputedStyle(probe).color);
  });
  probe.remove();
  return stops;
}

/**
 * The colour at a part of a palette's length, between its stops.
 * @param {Channels[]} stops
 * @param {number} part
 * @returns {Channels}
 */
export function mixStops(stops, part) {
  const at = Math.min(1, Math.max(0, part)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [stops[below], stops[below + 1]];
  /** @param {0 | 1 | 2} i */
  const mix = (i) => Math.round(from[i] + (to[i] - from[i]) * (at - below));
  return [mix(0), mix(1), mix(2)];
}
