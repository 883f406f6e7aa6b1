// Names of runs where there is little room.

/** Longer names lose their middle: beginnings and ends tell runs apart. */
const MOST = 32;

/**
 * @param {string} name
 * @param {number} [most] Characters.
 */
export function shortenName(name, most = MOST) {
  if (name.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`;
}

/**
 * A run's short name.
 * @param {Pick<import('./model.js').Report, 'runs'>} report
 * @param {number} place
 */
export const nameRun = ({ runs }, place) =>
  shortenName(runs[place].checkpoint.name || `run ${place + 1}`);
