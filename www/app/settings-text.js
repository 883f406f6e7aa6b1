// Settings as a person types them.
import { DEFAULTS, LIMITS } from '../report/settings.js';

/** @import { Settings } from '../report/model.js' */
/** @import { Limits } from '../report/settings.js' */

/**
 * Whether a number is one that a setting may have.
 * @param {number} value
 * @param {Limits} limits
 */
export const isWithin = (value, limits) =>
  Number.isFinite(value) &&
  (!limits.whole || Number.isInteger(value)) &&
  value >= (limits.minimum ?? -Infinity) &&
  value <= (limits.maximum ?? Infinity) &&
  value > (limits.exclusiveMinimum ?? -Infinity) &&
  value < (limits.exclusiveMaximum ?? Infinity);

/**
 * Limits in words: `from 0 to 256`, `between 0 and 1`.
 * @param {Limits} limits
 */
function describeRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  if (exclusiveMinimum !== undefined && exclusiveMaximum !== undefined)
    return `between ${exclusiveMinimum} and ${exclusiveMaximum}`;
  return [
    minimum !== undefined && `from ${minimum}`,
    maximum !== undefined && `to ${maximum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    exclusiveMaximum !== undefined && `and below ${exclusiveMaximum}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * The values that a setting may have, in words: `a whole number from 0 to 256`.
 * @param {Limits} limits
 */
export const describeLimits = (limits) =>
  `a ${limits.whole ? 'whole number' : 'number'} ${describeRange(limits)}`;

/**
 * `0.1, 0.3` as mask fractions, each once.
 * @param {string} text
 */
export function parseAlphas(text) {
  const values = text
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map(Number);
  if (!values.length || values.some((value) => !isWithin(value, LIMITS.alphas)))
    throw new Error(`Expected numbers ${describeRange(LIMITS.alphas)}.`);
  return [...new Set(values)];
}

/**
 * `0-3,7` in the same form; empty is null, for all.
 * @param {string} text
 */
export function parseLayers(text) {
  const compact = text.replace(/\s+/g, '').replace(/–/g, '-');
  if (compact === '') return null;
  const parts = compact.split(',').map((part) => /^(\d+)(?:-(\d+))?$/.exec(part));
  if (parts.some((part) => !part || (part[2] !== undefined && Number(part[2]) < Number(part[1])))) {
    throw new Error('Expected layers as in 0-3,7.');
  }
  return compact;
}

/**
 * `model.language_model.=model., actor.=` as pairs of prefixes; either of a pair may be empty.
 * @param {string} text
 * @returns {[string, string][]}
 */
export const parseRenamings = (text) =>
  text
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map((part) => {
      const [from, to, ...more] = part.split('=');
      /** @param {string} prefix */
      const bare = (prefix) => prefix.replace(/\.+$/, '');
      if (to === undefined || more.length || bare(from) === bare(to))
        throw new Error('Expected prefixes as in model.language_model.=model.');
      return [from, to];
    });

/** @param {string[][]} renamings */
export const showRenamings = (renamings) => renamings.map((pair) => pair.join('=')).join(', ');

/**
 * Parses a typed number; throws a message with the limits where it is outside them.
 * @param {string} text
 * @param {Limits} limits
 */
export function parseNumber(text, limits) {
  const value = Number(text);
  if (text.trim() === '' || !isWithin(value, limits))
    throw new Error(`Expected ${describeLimits(limits)}.`);
  return value;
}

/**
 * The settings that a person can change, as the page calls them.
 * @type {[keyof Settings, string][]}
 */
const NAMES = [
  ['k', 'k'],
  ['alphas', 'α'],
  ['eta', 'η'],
  ['layers', 'layers'],
  ['rename', 'renamed prefixes'],
  ['comparison', 'checkpoint type'],
  ['map_side', 'map'],
  ['backend', 'backend'],
  ['function_preserving', 'V/O rotations'],
];

/** @param {unknown} value */
function toWords(value) {
  if (Array.isArray(value))
    return value.map((one) => (Array.isArray(one) ? one.join('=') : one)).join(', ') || 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === null ? 'all' : String(value).replaceAll('_', ' ');
}

/**
 * Settings as differences from the defaults: `k 16 (default 64)`.
 * @param {Settings} settings
 */
export const describeDifferences = (settings) =>
  NAMES.filter(
    // Reports of earlier versions lack a setting or two.
    ([name]) =>
      settings[name] !== undefined &&
      JSON.stringify(settings[name]) !== JSON.stringify(DEFAULTS[name]),
  ).map(
    ([name, label]) =>
      `${label} ${toWords(settings[name])} (default ` +
      `${name === 'comparison' ? 'unspecified' : toWords(DEFAULTS[name])})`,
  );
