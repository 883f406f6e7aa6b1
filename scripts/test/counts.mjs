// What each runner says at its end, as { passed, failed }; null where it said nothing, that is,
// where it died.
import { stripVTControlCharacters } from 'node:util';

/** @typedef {import('./suites.mjs').Counts} Counts */

/**
 * Runners colour their output where they think that a terminal reads it.
 *
 * @param {string} output
 */
const plain = (output) => stripVTControlCharacters(output);

/** @type {(output: string, pattern: RegExp) => number | null} */
const total = (output, pattern) => {
  const found = [...output.matchAll(pattern)];
  return found.length > 0 ? found.reduce((sum, match) => sum + Number(match[1]), 0) : null;
};

/** @type {(passed: number | null, failed: number | null) => Counts | null} */
const both = (passed, failed) =>
  passed === null && failed === null ? null : { passed: passed ?? 0, failed: failed ?? 0 };

/**
 * cargo test and the wasm-bindgen runner: one line for each test binary.
 *
 * @param {string} output
 * @returns {Counts | null}
 */
export function cargoCounts(output) {
  const text = plain(output);
  return both(
    total(text, /^test result: .*?(\d+) passed;/gm),
    total(text, /^test result: .*?(\d+) failed;/gm),
  );
}

/**
 * node --test: a test that was cancelled did not pass, so it counts as failed.
 *
 * @param {string} output
 * @returns {Counts | null}
 */
export function nodeCounts(output) {
  const text = plain(output);
  return both(
    total(text, /^(?:#|ℹ) pass (\d+)$/gm),
    total(text, /^(?:#|ℹ) (?:fail|cancelled) (\d+)$/gm),
  );
}

/**
 * pytest: errors of fixtures and collection count as failed.
 *
 * @param {string} output
 * @returns {Counts | null}
 */
export function pytestCounts(output) {
  const last = plain(output)
    .trim()
    .split('\n')
    .findLast((line) => /\b(passed|failed|errors?)\b.* in [\d.]+s/.test(line));
  if (!last) return null;
  return both(total(last, /(\d+) passed/g), total(last, /(\d+) (?:failed|errors?)\b/g));
}

/**
 * `npm run check`: every tool is one.
 *
 * @param {string} output
 * @returns {Counts | null}
 */
export function checkCounts(output) {
  const found = plain(output).match(/^(\d+) passed, (\d+) failed\s*$(?![^]*^\d+ passed)/m);
  return found && { passed: Number(found[1]), failed: Number(found[2]) };
}
