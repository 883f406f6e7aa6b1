// What a random update would give, in the words of a line of text.
import { degrees, number, within } from './format.js';

/** @import { GeometryChance } from './model.js' */
/** @import { Format, Maybe } from './format.js' */

/** @typedef {'draws' | 'rotation_max' | 'rotation_max_deviation'} AngleField */
/** @typedef {Partial<Pick<GeometryChance, AngleField>>} AngleChance */

/**
 * A chance level in brackets, ± its standard deviation where it has one; nothing where the report
 * has no level.
 * @param {Maybe} level
 * @param {Format} format
 * @param {Maybe} deviation
 */
export const chanceInBrackets = (level, format = number, deviation = null) =>
  level === null || level === undefined ? '' : ` (random ${within(format, level, deviation)})`;

/**
 * What the chance levels of angles are, or why there is none. Nothing for reports from before
 * them.
 * @param {AngleChance} chance
 */
export function describeAngleChance({ draws, rotation_max: level }) {
  if (draws === undefined) return '';
  if (level === null) return ' There is no random baseline, because there is no gap at k.';
  return (
    ` Random: mean of ${draws} seeded draws of an update of the same size, first order, ` +
    '± the standard deviation over draws.'
  );
}

/** @param {AngleChance} chance */
export const angleChanceInBrackets = ({ rotation_max: level, rotation_max_deviation: deviation }) =>
  chanceInBrackets(level, degrees, deviation);
