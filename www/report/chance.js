// Chance levels in the words of a line of text.
import { degrees, number, within } from './format.js';

/**
 * A chance level in brackets, ± its standard deviation where it has one; nothing where the report
 * has no level.
 */
export const byChance = (level, format = number, spread = null) =>
  level === null || level === undefined ? '' : ` (chance ${within(format, level, spread)})`;

/**
 * What the chance levels of angles are; that there is none is said too. Nothing for reports from
 * before them.
 */
export function ofAngles({ draws, rotation_max: level }) {
  if (draws === undefined) return '';
  if (level === null) return ' There is no chance level, because there is no gap at k.';
  return ` Chance: mean of ${draws} seeded draws of a random update of the same norm, first order, ± the standard deviation over draws.`;
}

export const anglesByChance = ({ rotation_max: level, rotation_max_deviation: spread }) =>
  byChance(level, degrees, spread);
