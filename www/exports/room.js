// How much room a figure takes on somebody's page: it is kept before the figure is there, so that
// nothing moves when it comes.

/**
 * @typedef {object} Room
 * @property {string} wide Width to height, as CSS has it.
 * @property {number} narrow Pixels of height on a phone, where it hardly depends on the width.
 */

/** @type {Record<string, Room>} */
const ROOMS = {
  summary: { wide: '4 / 1', narrow: 335 },
  dots: { wide: '13 / 10', narrow: 925 },
  energy: { wide: '13 / 10', narrow: 895 },
  heatmap: { wide: '3 / 2', narrow: 620 },
  table: { wide: '3 / 2', narrow: 700 },
  spectrum: { wide: '11 / 10', narrow: 1045 },
  angles: { wide: '4 / 3', narrow: 725 },
  map: { wide: '5 / 4', narrow: 965 },
};

/** Pages up to this width, in pixels, are narrow. */
export const NARROW = 600;

/** How wide a figure is on a small phone, in pixels. */
export const PHONE = 328;

/** @param {string} figure */
export const roomOf = (figure) => ROOMS[figure] ?? { wide: '3 / 2', narrow: 440 };

/** All figures that have a room of their own. */
export const ROOMED = Object.keys(ROOMS);
