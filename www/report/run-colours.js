// A run has one colour and one letter wherever it is shown, by its place in the report.

/** Colours that www/styles/theme.css has. */
const COLOURS = 8;

/**
 * The colour of a run, as a CSS variable that follows the theme.
 * @param {number} place
 */
export const runColour = (place) => `var(--run-${(place % COLOURS) + 1})`;

/**
 * A short name where there is no room for the run's own: A to Z, then A2 and so on.
 * @param {number} place
 */
export const runLetter = (place) =>
  `${String.fromCharCode(65 + (place % 26))}${place < 26 ? '' : Math.floor(place / 26) + 1}`;
