// Labelled places of axes, written so that no two of them read the same.

/**
 * About four even steps of 1, 2 or 5 times a power of ten.
 * @param {number} low
 * @param {number} high
 */
function evenTicks(low, high) {
  const least = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) =>
    Number(((Math.ceil(low / step) + i) * step).toPrecision(6)),
  );
}

/**
 * Labelled places of a log axis: 1, 2, 5 of each power of ten, the powers alone where there are
 * many, even steps where none is between the ends.
 * @param {number[]} values
 */
export function logTicks(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const powers = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => i + Math.floor(Math.log10(low)),
  );
  const step = Math.ceil(powers.length / 5);
  const at =
    powers.length > 3
      ? powers.filter((power) => power % step === 0).map((power) => Number(`1e${power}`))
      : powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const inside = at.filter((value) => value >= low && value <= high);
  return inside.length > 1 || !(low < high) ? inside : evenTicks(low, high);
}

/** Digits behind which two ticks of an axis differ. */
const MOST_DIGITS = 9;

/**
 * The least number of decimals that writes a value in full.
 * @param {number} value
 */
function decimalsOf(value) {
  let decimals = 0;
  while (decimals < MOST_DIGITS && Math.abs(Number(value.toFixed(decimals)) - value) > 1e-10)
    decimals += 1;
  return decimals;
}

/** @param {string} text */
const withMinus = (text) => text.replace('-', '−').replace('e+', 'e').replace('e-', 'e−');

/**
 * Whether a value is written without a power of ten.
 * @param {number} value
 */
const isPlain = (value) => value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);

/** @param {number[]} ticks */
function areEven(ticks) {
  if (ticks.length < 3) return false;
  const step = ticks[1] - ticks[0];
  return ticks.every((tick, i) => Math.abs(tick - ticks[0] - i * step) < 1e-6 * Math.abs(step));
}

/**
 * The least number of digits behind the first that writes values in powers of ten in full.
 * @param {number[]} values
 */
function digitsOf(values) {
  let digits = 0;
  /** @param {number} value */
  const isExact = (value) => Math.abs(Number(value.toExponential(digits)) / value - 1) < 1e-10;
  while (digits < MOST_DIGITS && !values.every(isExact)) digits += 1;
  return digits;
}

/**
 * Ticks as texts: those of one step with as many decimals as the step needs, others each as short
 * as it can be.
 * @param {number[]} ticks
 * @returns {string[]}
 */
export function writeTicks(ticks) {
  const decimals = ticks.map((tick) => decimalsOf(Number(tick.toPrecision(12))));
  const shared = ticks.every(isPlain) && areEven(ticks) ? Math.max(...decimals) : null;
  const digits = digitsOf(ticks.filter((tick) => !isPlain(tick)));
  return ticks.map((tick, i) =>
    tick === 0
      ? '0'
      : withMinus(
          isPlain(tick)
            ? tick.toFixed(shared ?? decimals[i])
            : tick
                .toExponential(digits)
                .replace(/(\.\d*?)0+e/, '$1e')
                .replace('.e', 'e'),
        ),
  );
}

/**
 * A format for Plot's axes: of all ticks together, as far as they are known.
 * @param {number[]} [ticks] Where Plot does not tell them, as on log scales.
 * @returns {(value: number, i?: number, all?: unknown) => string}
 */
export const tickFormat = (ticks) => (value, _, all) => {
  const together = ticks ?? (Array.isArray(all) ? /** @type {number[]} */ (all) : [value]);
  const at = together.indexOf(value);
  return at < 0 ? writeTicks([value])[0] : writeTicks(together)[at];
};
