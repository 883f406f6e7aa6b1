// Numbers and sizes for people: three significant digits, and no value where none was computed.

/** @typedef {number | null | undefined} Maybe A number that a report may lack. */
/** @typedef {(value: Maybe) => string} Format */

/** Stands for a value that was not computed. */
export const NONE = '–';
/** A number and its unit stay on one line. */
const NBSP = '\u00a0';

/**
 * @param {Maybe} value
 * @returns {value is null | undefined}
 */
const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);

/**
 * Three significant digits; scientific below 1e-3 and from 1e6.
 * @type {Format}
 */
export function number(value) {
  if (isMissing(value)) return NONE;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e6)
    return value.toExponential(2).replace('e+', 'e').replace('-', '−').replace('e-', 'e−');
  // Rounding can carry into one more digit, so the number of decimals follows from the rounded
  // value.
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(size.toPrecision(3)))));
  return value.toFixed(digits).replace('-', '−');
}

/**
 * A difference: its sign is always there.
 * @type {Format}
 */
export const signed = (value) => (!isMissing(value) && value > 0 ? '+' : '') + number(value);

/**
 * A share as a percentage; near 0 % and 100 % it keeps the digits that tell it from the end.
 * @type {Format}
 */
export function percent(value) {
  if (isMissing(value)) return NONE;
  const rest = 1 - value;
  if (rest > 0 && rest < 0.01) {
    const digits = Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(rest * 100))));
    return `${(value * 100).toFixed(digits)}${NBSP}%`;
  }
  return `${number(value * 100)}${NBSP}%`;
}

/** @type {Format} */
export const degrees = (value) => (isMissing(value) ? NONE : `${number(value)}°`);

/**
 * A count with thin groups: 2 369 472.
 * @type {Format}
 */
export const count = (value) =>
  isMissing(value) ? NONE : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/**
 * Two significant digits, which is what a reader keeps of a multiple.
 * @param {number} value
 */
export function roundTwo(value) {
  const rounded = Number(value.toPrecision(2));
  if (rounded === 0) return '0';
  return rounded >= 100 ? count(rounded) : value.toPrecision(2).replace('-', '−');
}

/**
 * A multiple of something else, with two significant digits everywhere.
 * @type {Format}
 */
export function times(value) {
  if (isMissing(value)) return NONE;
  const size = Math.abs(value);
  const isPlain = size === 0 || (size >= 1e-3 && size < 1e6);
  return `${isPlain ? roundTwo(value) : number(value)}×`;
}

/** An error below this part of its value is not seen in three significant digits. */
const LEAST_ERROR = 1e-3;

/**
 * Whether an error is seen in the digits of its value.
 * @param {Maybe} value
 * @param {Maybe} error
 */
export const isVisible = (value, error) =>
  typeof error === 'number' && error > 0 && error >= LEAST_ERROR * Math.abs(value ?? 0);

/**
 * An error: two digits tell all that is known of it.
 * @param {Format} format
 * @param {Maybe} error
 */
export const formatError = (format, error) =>
  format(isMissing(error) ? error : Number(error.toPrecision(2)))
    .replace(/(\.\d*?)0+(?!\d)/, '$1')
    .replace(/\.(?!\d)/, '');

/**
 * A value ± its uncertainty, where that is seen in the value's digits.
 * @param {Format} format
 * @param {Maybe} value
 * @param {Maybe} [uncertainty]
 */
export const within = (format, value, uncertainty) =>
  isVisible(value, uncertainty)
    ? `${format(value)} ± ${formatError(format, uncertainty)}`
    : format(value);

/**
 * A count with its noun: 1 tensor, 2 tensors.
 * @param {number} value
 * @param {string} singular
 */
export const counted = (value, singular, plural = `${singular}s`) =>
  `${count(value)} ${value === 1 ? singular : plural}`;

/**
 * The numbers of a list in one phrase, each once: `3`, or `2 to 3`.
 * @param {Maybe[]} values
 * @param {Format} format
 */
export const formatRange = (values, format) => [...new Set(values.map(format))].join(' to ');

/**
 * Names in a sentence: `a, b and c`.
 * @param {(string | number)[]} names
 */
export const enumerate = (names) =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join('');

/**
 * @param {string[]} units Each `step` times the one before it.
 * @param {number} step
 * @returns {Format}
 */
const scaled = (units, step) => (value) => {
  if (isMissing(value)) return NONE;
  let unit = 0;
  while (value >= step && unit < units.length - 1) [value, unit] = [value / step, unit + 1];
  const digits = unit === 0 ? Math.round(value) : value.toPrecision(3);
  return `${digits}${units[unit] && NBSP}${units[unit]}`;
};

export const bytes = scaled(['B', 'kB', 'MB', 'GB', 'TB'], 1000);
export const parameters = scaled(['', 'k', 'M', 'B', 'T'], 1000);

/** @type {Format} */
export function duration(seconds) {
  if (isMissing(seconds) || !Number.isFinite(seconds)) return NONE;
  if (seconds > 0 && seconds < 0.1) return `<${NBSP}0.1${NBSP}s`;
  if (seconds < 10) return `${seconds.toFixed(1)}${NBSP}s`;
  if (seconds < 90) return `${Math.round(seconds)}${NBSP}s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}${NBSP}min`;
  return `${(seconds / 3600).toFixed(1)}${NBSP}h`;
}

/** @param {number[]} [sizes] */
export const shape = (sizes) => (sizes?.length ? sizes.join(' × ') : NONE);

/**
 * A phrase as a sentence of its own.
 * @param {string} text
 */
export const sentence = (text) =>
  `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/**
 * A report's own time, as a person writes it.
 * @param {string | undefined} iso
 */
export const moment = (iso) =>
  iso === undefined ? NONE : iso.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, `${NBSP}UTC`);
