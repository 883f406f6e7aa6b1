// Numbers and sizes for people: three significant digits, and never a figure that was not computed.

export const NONE = '–';
/** A figure and its unit stay on one line. */
const NBSP = '\u00a0';
const missing = (value) => value === null || value === undefined || Number.isNaN(value);

/** Three significant digits; scientific below 1e-3 and from 1e6. */
export function number(value) {
  if (missing(value)) return NONE;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e6)
    return value.toExponential(2).replace('e+', 'e').replace('-', '−').replace('e-', 'e−');
  // Rounding can carry into one more digit, so the count of decimals follows from the rounded
  // value.
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(size.toPrecision(3)))));
  return value.toFixed(digits).replace('-', '−');
}

/** A difference: its sign is always there. */
export const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));

/** A share as a percentage; near 0 % and 100 % it keeps the digits that tell it from the end. */
export function percent(value) {
  if (missing(value)) return NONE;
  const rest = 1 - value;
  if (rest > 0 && rest < 0.01) {
    const digits = Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(rest * 100))));
    return `${(value * 100).toFixed(digits)}${NBSP}%`;
  }
  return `${number(value * 100)}${NBSP}%`;
}

export const degrees = (value) => (missing(value) ? NONE : `${number(value)}°`);
export const times = (value) => (missing(value) ? NONE : `${number(value)}×`);

/** A count with thin groups: 2 369 472. */
export const count = (value) =>
  missing(value) ? NONE : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** A value ± its uncertainty, where that is known and not 0. */
export const within = (format, value, doubt) =>
  doubt ? `${format(value)} ± ${format(doubt)}` : format(value);

/** A count with its noun: 1 tensor, 2 tensors. */
export const counted = (value, one, more = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : more}`;

const scaled = (units, step) => (value) => {
  if (missing(value)) return NONE;
  let at = 0;
  while (value >= step && at < units.length - 1) [value, at] = [value / step, at + 1];
  return `${at === 0 ? Math.round(value) : value.toPrecision(3)}${units[at] && NBSP}${units[at]}`;
};

export const bytes = scaled(['B', 'kB', 'MB', 'GB', 'TB'], 1000);
export const parameters = scaled(['', 'k', 'M', 'B', 'T'], 1000);

export function duration(seconds) {
  if (missing(seconds) || !Number.isFinite(seconds)) return NONE;
  if (seconds > 0 && seconds < 0.1) return `<${NBSP}0.1${NBSP}s`;
  if (seconds < 10) return `${seconds.toFixed(1)}${NBSP}s`;
  if (seconds < 90) return `${Math.round(seconds)}${NBSP}s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}${NBSP}min`;
  return `${(seconds / 3600).toFixed(1)}${NBSP}h`;
}

export const shape = (sizes) => (sizes?.length ? sizes.join(' × ') : NONE);

/** What is written as a part of a sentence, as one of its own. */
export const sentence = (text) =>
  `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** A report's own time, as a person writes it. */
export const moment = (iso) =>
  missing(iso) ? NONE : iso.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, `${NBSP}UTC`);
