// How much room a figure takes on somebody's page: it is kept before the figure is there, so that
// nothing moves when it comes.

/**
 * Width to height, as CSS has it.
 * @typedef {object} Room
 * @property {string} wide
 * @property {string} narrow On a phone, where texts take more lines.
 */

/** @type {Record<string, Room>} */
const ROOMS = {
  summary: { wide: '4 / 1', narrow: '6 / 5' },
  dots: { wide: '13 / 10', narrow: '3 / 7' },
  energy: { wide: '13 / 10', narrow: '2 / 5' },
  heatmap: { wide: '3 / 2', narrow: '3 / 5' },
  table: { wide: '3 / 2', narrow: '3 / 4' },
  spectrum: { wide: '11 / 10', narrow: '3 / 8' },
  angles: { wide: '4 / 3', narrow: '3 / 7' },
  map: { wide: '13 / 10', narrow: '3 / 7' },
};

/** Pages up to this width, in pixels, are narrow. */
export const NARROW = 600;

/** @param {string} figure */
export const roomOf = (figure) => ROOMS[figure] ?? { wide: '3 / 2', narrow: '3 / 4' };

/** All figures that have a room of their own. */
export const ROOMED = Object.keys(ROOMS);
