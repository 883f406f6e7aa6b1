// Names of runs where there is little room.
import { shortenMiddle } from './short-name.js';

/** Longer names lose their middle: beginnings and ends tell runs apart. */
const MOST = 32;

/**
 * @param {string} name
 * @param {number} [most] Characters.
 */
export const shortenName = (name, most = MOST) => shortenMiddle(name, most);

/**
 * A run's short name.
 * @param {Pick<import('./model.js').Report, 'runs'>} report
 * @param {number} place
 */
export const nameRun = ({ runs }, place) =>
  shortenName(runs[place].checkpoint.name || `run ${place + 1}`);
