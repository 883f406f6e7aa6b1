// Defaults, limits and words of the settings, from docs/report.schema.json. `npm run types`
// writes this file; a test holds it to the schema.

/** @import { BackendChoice, Comparison, Settings } from './model.js' */

/** @type {Settings} */
export const DEFAULTS = {
  abs_tolerance: 0.00001,
  alphas: [0.1, 0.3],
  backend: 'auto',
  comparison: null,
  eta: 0.001,
  exact_limit: 512,
  function_preserving: true,
  k: 64,
  layers: null,
  map_side: 64,
  rename: [],
  seed: 7,
};

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
export const LIMITS = {
  abs_tolerance: {
    whole: false,
    minimum: 0,
  },
  alphas: {
    whole: false,
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
  },
  eta: {
    whole: false,
    minimum: 0,
    exclusiveMaximum: 1,
  },
  exact_limit: {
    whole: true,
    minimum: 0,
  },
  k: {
    whole: true,
    minimum: 1,
  },
  map_side: {
    whole: true,
    minimum: 0,
    maximum: 256,
  },
  seed: {
    whole: true,
    minimum: 0,
  },
};

/** The words of the settings that are one of a few. */
export const WORDS = {
  /** @type {BackendChoice[]} */
  backend: ['auto', 'cpu', 'gpu'],
  /** @type {Comparison[]} */
  comparison: ['whole_run', 'per_step', 'steps'],
};
