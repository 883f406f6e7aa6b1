// Defaults and limits of the settings for the page, made from the schema that the analyser writes.
import { format, resolveConfig } from 'prettier';
import { fromRoot } from './root.mjs';

export const settingsFile = fromRoot('www', 'report', 'settings.js');

const HEAD = `\
// Defaults, limits and words of the settings, from docs/report.schema.json. \`npm run types\`
// writes this file; a test holds it to the schema.

/** @import { BackendChoice, Comparison, Settings } from './model.js' */
`;

/**
 * What the schema says of the values of a setting, or of each entry of a list.
 *
 * @param {any} property
 */
function readLimits({ type, items, minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  if (items) return readLimits(items);
  const limits = { minimum, maximum, exclusiveMinimum, exclusiveMaximum };
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { whole: type === 'integer', ...Object.fromEntries(given) };
}

/**
 * The text of the module.
 *
 * @param {any} schema
 */
export async function reportSettings({ $defs }) {
  const properties = /** @type {[string, any][]} */ (Object.entries($defs.Settings.properties));
  const defaults = properties.map(([name, property]) => [name, property.default]);
  const numbers = properties.filter(([, { type, items }]) =>
    ['integer', 'number'].includes((items ?? { type }).type),
  );
  const limits = numbers.map(([name, property]) => [name, readLimits(property)]);
  /** @param {[string, unknown][]} entries */
  const text = (entries) => JSON.stringify(Object.fromEntries(entries), null, 2);
  const module = `${HEAD}
/** @type {Settings} */
export const DEFAULTS = ${text(/** @type {any} */ (defaults))};

/**
 * The values that a number may have; of a list, those of each entry.
 * @typedef {object} Limits
 * @property {boolean} whole
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [exclusiveMaximum]
 */

/** @satisfies {Partial<Record<keyof Settings, Limits>>} */
export const LIMITS = ${text(/** @type {any} */ (limits))};

/** The words of the settings that are one of a few. */
export const WORDS = {
  /** @type {BackendChoice[]} */
  backend: ${JSON.stringify($defs.BackendChoice.enum)},
  /** @type {Comparison[]} */
  comparison: ${JSON.stringify($defs.Comparison.enum)},
};
`;
  return format(module, { ...(await resolveConfig(settingsFile)), filepath: settingsFile });
}
