// The user's settings from one visit to the next, as differences from the defaults. A browser that
// keeps nothing is no obstacle.
import { DEFAULTS, LIMITS, WORDS } from '../report/settings.js';
import { isWithin } from './settings-text.js';

/** @import { Settings } from '../report/model.js' */

const KEY = 'gatescope-settings';

/**
 * Settings that are of the user; layers and the kind of comparison are of one comparison.
 * @type {(keyof Settings)[]}
 */
const REMEMBERED = ['k', 'alphas', 'eta', 'map_side', 'backend', 'function_preserving'];

/**
 * The settings that differ from the defaults.
 * @param {Settings} settings
 * @returns {Partial<Settings>}
 */
export const findDifferences = (settings) =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) =>
        JSON.stringify(value) !== JSON.stringify(DEFAULTS[/** @type {keyof Settings} */ (name)]),
    ),
  );

/**
 * Whether a value may stand for a setting: the storage may hold anything.
 * @param {string} name
 * @param {unknown} value
 */
function isValid(name, value) {
  if (name === 'backend') return WORDS.backend.some((word) => word === value);
  if (name === 'function_preserving') return typeof value === 'boolean';
  const limits = LIMITS[/** @type {keyof typeof LIMITS} */ (name)];
  const list = name === 'alphas' ? value : [value];
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((one) => typeof one === 'number' && isWithin(one, limits))
  );
}

/** @param {Settings} settings */
export function rememberSettings(settings) {
  const own = Object.entries(findDifferences(settings)).filter(([name]) =>
    REMEMBERED.includes(/** @type {keyof Settings} */ (name)),
  );
  try {
    if (own.length) localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(own)));
    else localStorage.removeItem(KEY);
  } catch {
    // They hold for this visit.
  }
}

/** @returns {Settings} */
export function recallSettings() {
  /** @type {unknown} */
  let own;
  try {
    own = JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    own = {};
  }
  const valid = Object.entries(own && typeof own === 'object' ? own : {}).filter(
    ([name, value]) =>
      REMEMBERED.includes(/** @type {keyof Settings} */ (name)) && isValid(name, value),
  );
  return { ...DEFAULTS, ...Object.fromEntries(valid) };
}
