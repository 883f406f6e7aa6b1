// The settings that `analyze` is given, checked and made whole.
import { DEFAULTS, LIMITS, WORDS } from '../report/settings.js';
import { GatescopeError } from './errors.js';

/** @import { Settings } from '../report/model.js' */
/** @import { Limits } from '../report/settings.js' */

/** @type {Record<string, Limits>} */
const limits = LIMITS;
/** @type {Record<string, string[]>} */
const words = WORDS;

/**
 * @param {unknown} value
 * @param {Limits} limit
 */
const keeps = (value, { whole, minimum, maximum, exclusiveMinimum, exclusiveMaximum }) =>
  typeof value === 'number' &&
  (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
  value >= (minimum ?? -Infinity) &&
  value <= (maximum ?? Infinity) &&
  value > (exclusiveMinimum ?? -Infinity) &&
  value < (exclusiveMaximum ?? Infinity);

/**
 * @param {string} name
 * @param {unknown} value
 */
function isValid(name, value) {
  const standard = /** @type {Record<string, unknown>} */ (DEFAULTS)[name];
  if (standard === null && value === null) return true;
  if (name in words) return words[name].includes(/** @type {string} */ (value));
  if (Array.isArray(standard))
    return Array.isArray(value) && value.every((one) => keeps(one, limits[name]));
  if (name in limits) return keeps(value, limits[name]);
  return typeof value === (standard === null ? 'string' : typeof standard);
}

/**
 * @param {Partial<Settings>} given
 * @returns {Settings}
 */
export function readSettings(given) {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULTS, name))
      throw new GatescopeError(
        'argument',
        `settings: there is no ${name}; there are ${Object.keys(DEFAULTS).join(', ')}.`,
      );
    if (value !== undefined && !isValid(name, value))
      throw new GatescopeError(
        'argument',
        `settings: ${JSON.stringify(value)} is not a value of ${name}.`,
      );
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(set) };
}
