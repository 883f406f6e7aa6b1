// Layers and kinds of modules as parts of a chart that can be chosen.
import { rove } from '../dom/rove.js';
import { s } from '../dom/svg.js';
import { withTips } from './part-tips.js';

/** @import { Child } from '../dom/elements.js' */

/**
 * A column or a row of a chart.
 * @typedef {object} Place
 * @property {string} key
 * @property {string} label
 * @property {boolean} apart It stands outside the order of the layers.
 * @property {boolean} pressed
 * @property {string} spoken All of its values in words.
 * @property {() => Child[]} tip
 */

/** @typedef {{ run: number, values: (number | null)[] }} RunValues One value for each place. */

/**
 * What can be chosen of a place: its ground and its label. Marks are drawn above it, since a button
 * is named by the text in it.
 * @param {Place} place
 * @param {import('../dom/elements.js').Child[]} children
 */
export const placeButton = (place, ...children) =>
  s(
    'g',
    {
      class: 'energy-part',
      role: 'button',
      'aria-label': place.spoken,
      'aria-pressed': String(place.pressed),
      'data-key': `energy ${place.key}`,
    },
    ...children,
  );

/**
 * The parts of a chart can be reached, have tips and choose.
 * @param {SVGSVGElement} chart
 * @param {SVGElement[]} parts
 * @param {Place[]} places
 * @param {(place: Place) => void} onchoose
 */
export function makeActive(chart, parts, places, onchoose) {
  const tips = withTips(chart);
  places.forEach((place, i) => {
    tips.on(parts[i], place.tip);
    parts[i].addEventListener('click', () => onchoose(place));
  });
  rove(
    parts,
    places.findIndex(({ pressed }) => pressed),
  );
  return tips.place;
}
