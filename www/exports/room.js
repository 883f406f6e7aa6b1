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
  summary: { wide: '4 / 1', narrow: '3 / 2' },
  dots: { wide: '16 / 9', narrow: '2 / 3' },
  energy: { wide: '16 / 9', narrow: '2 / 3' },
  heatmap: { wide: '16 / 10', narrow: '2 / 3' },
  table: { wide: '16 / 9', narrow: '3 / 4' },
  spectrum: { wide: '16 / 9', narrow: '3 / 4' },
  angles: { wide: '16 / 9', narrow: '3 / 4' },
  map: { wide: '16 / 10', narrow: '3 / 4' },
};

/** @param {string} figure */
export const roomOf = (figure) => ROOMS[figure] ?? { wide: '16 / 9', narrow: '3 / 4' };

/** All figures that have a room of their own. */
export const ROOMED = Object.keys(ROOMS);
