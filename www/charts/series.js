// What curves of one chart are told apart by, and the key that says so.

/** Colours of the curves of one chart, in order. */
export const COLOURS = ['var(--series-1)', 'var(--series-2)', 'var(--text)'];

/** How the level of a random update is drawn. */
export const DASHED = '4 3';

/** @typedef {{ name: string, colour: string, mark: string }} KeyEntry */

/** The level of a random update, in a key. @type {KeyEntry} */
export const RANDOM_KEY = { name: 'random', colour: 'var(--quiet)', mark: 'dashed' };

/**
 * The key of a chart: the names of its curves with the class of their marks, and the random level
 * where one is shown.
 * @param {{ name: string, dashed?: boolean, chance?: unknown }[]} series
 * @param {boolean} dots
 * @returns {KeyEntry[]}
 */
export const keyOf = (series, dots = false) => [
  ...series.map(({ name, dashed }, i) => ({
    name,
    colour: COLOURS[i],
    mark: dots ? ['ring', 'point'][i] : dashed ? 'dashed' : 'solid',
  })),
  ...(series.some(({ chance }) => chance) ? [RANDOM_KEY] : []),
];
