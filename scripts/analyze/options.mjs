// The command line of `npm run analyze`: every mistake is found here, before anything is built or
// opened.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { nameApart } from '../../www/app/name-apart.js';
import { describeLimits, isWithin, parseRenamings } from '../../www/app/settings-text.js';
import { LIMITS } from '../../www/report/settings.js';
import { Problem, UsageProblem, messageOf } from '../lib/problem.mjs';
import { findOne, findPlaces } from './places.mjs';

/** @import { Limits } from '../../www/report/settings.js' */
/** @import { Given, Place } from './places.mjs' */

/**
 * @typedef {{ name: string, files: Given[], place: string }} Checkpoint
 *
 * @typedef {NonNullable<ReturnType<typeof readOptions>>} Options
 */

/**
 * A checker for a number that must satisfy `accept`.
 *
 * @type {(wanted: string, accept: (value: number) => boolean) => (text: string) => number}
 */
const number = (wanted, accept) => (text) => {
  const value = Number(text);
  if (text.trim() === '' || !accept(value)) throw new InvalidArgumentError(`Expected ${wanted}.`);
  return value;
};
/** @param {Limits} limits */
const setting = (limits) => number(describeLimits(limits), (value) => isWithin(value, limits));

/** @type {(text: string, before?: number[]) => number[]} */
const alphas = (text, before = []) => [
  ...before,
  ...text.split(',').map((part) => setting(LIMITS.alphas)(part)),
];

/** @type {(text: string, before?: [string, string][]) => [string, string][]} */
const renamings = (text, before = []) => {
  try {
    return [...before, ...parseRenamings(text)];
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
};

/**
 * Names of tuned checkpoints: as given, else from their places; made unique by the part of the path
 * that differs, then by number.
 *
 * @param {Place[]} runs
 * @param {string[]} given
 * @returns {Checkpoint[]}
 */
function nameRuns(runs, given) {
  if (given.length > runs.length) {
    throw new UsageProblem(
      `--name is given ${given.length} times for ${runs.length} tuned checkpoints.`,
    );
  }
  const apart = nameApart(
    runs.map(({ name, place, revision }) => ({
      name,
      revision,
      folder: path.dirname(place).split(path.sep).join('/'),
    })),
  );
  const taken = new Map();
  return runs.map(({ files, place }, i) => {
    let name = given[i] ?? apart[i];
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    if (count > 1) name = `${name} (${count})`;
    return { name, files, place };
  });
}

/** @param {string} file */
const isTable = (file) => path.extname(file).toLowerCase() === '.csv';

/**
 * @param {string} option
 * @param {string} file
 */
function writable(option, file) {
  const folder = path.dirname(path.resolve(file));
  if (!existsSync(folder)) throw new Problem(`${option}: the folder ${folder} does not exist.`);
  if (existsSync(file) && statSync(file).isDirectory())
    throw new Problem(`${option}: ${file} is a folder.`);
  return path.resolve(file);
}

/**
 * An option of the native program, as `gatescope options` prints it.
 *
 * @typedef {object} Entry
 * @property {string} name
 * @property {string | null} short
 * @property {string[]} aliases
 * @property {string | null} value What stands for its value; null without one.
 * @property {boolean} repeats
 * @property {string[]} words The values that it takes, where they are a set.
 * @property {string} help
 */

/** @type {Entry[]} */
const TABLE = JSON.parse(readFileSync(new URL('options.json', import.meta.url), 'utf8'));

/** Options of the native program that the page has no use for. */
const NATIVE_ALONE = new Set(['memory', 'no-check', 'only', 'log-format']);

/** What the values of settings must satisfy, by option. */
const CHECKS = /** @type {Record<string, (text: string, before?: any) => unknown>} */ ({
  k: setting(LIMITS.k),
  alpha: alphas,
  eta: setting(LIMITS.eta),
  'abs-tolerance': setting(LIMITS.abs_tolerance),
  'exact-limit': setting(LIMITS.exact_limit),
  'map-side': setting(LIMITS.map_side),
  seed: number('a whole number from 0', (value) => Number.isInteger(value) && value >= 0),
  rename: renamings,
});

/** Options that take several values at once, too. */
const LISTS = new Set(['tuned', 'name']);

/**
 * Makes an option of the table, and hidden ones of its other names.
 *
 * @param {Entry} entry
 */
function makeOptions({ name, short, aliases, value, repeats, words, help }) {
  return [name, ...aliases].map((one) => {
    const word = LISTS.has(name) ? `${value}...` : value;
    const start = short && one === name ? `-${short}, ` : '';
    const option = new Option(`${start}--${one}${value === null ? '' : ` <${word}>`}`, help);
    if (words.length) option.choices(words);
    else if (CHECKS[name]) option.argParser(CHECKS[name]);
    else if (repeats && !LISTS.has(name))
      option.argParser((text, /** @type {string[]} */ before = []) => [...before, text]);
    return one === name ? option : option.hideHelp();
  });
}

function command() {
  const made = new Command('npm run analyze --')
    .description(
      "Compares tuned checkpoints with the base they came from, with the page's own code in " +
        'headless Chromium. Options are those of the native program.',
    )
    .argument('[paths...]', 'the base and those tuned from it; with --base all are tuned')
    .option(
      '--timeout <seconds>',
      'give up after so long (default: never)',
      number('a number of seconds above 0', (v) => v > 0),
    )
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const entry of TABLE.filter(({ name }) => !NATIVE_ALONE.has(name)))
    makeOptions(entry).forEach((option) => made.addOption(option));
  return made;
}

/** @param {string} text */
const oneLine = (text) => text.trim().replace(/\s*\n\s*/g, ' ');

/**
 * The checked options, or null after --help has been printed.
 *
 * @param {string[]} argv
 */
export function readOptions(argv) {
  let given;
  /** @type {string[]} */
  let paths;
  try {
    const parsed = command().parse(argv, { from: 'user' });
    given = parsed.opts();
    paths = [...parsed.args];
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return null;
    throw new UsageProblem(oneLine(error.message.replace(/^error: /, '')));
  }
  const { out = [], csv, quiet, timeout } = given;
  const base = given.base ?? paths.shift();
  const tuned = [...paths, ...(given.tuned ?? [])];
  if (!tuned.length)
    throw new UsageProblem(
      'a tuned checkpoint is needed: BASE TUNED, or --tuned PATH for a sparse delta without its ' +
        'base.',
    );
  const runs = nameRuns(tuned.flatMap(findPlaces), given.name ?? []);
  const tables = [...out.filter(isTable), ...(csv ? [csv] : [])];
  const reports = out.filter((/** @type {string} */ file) => !isTable(file));
  // What is not given is left to the page, which knows the defaults.
  const settings = {
    k: given.k,
    alphas: given.alpha,
    eta: given.eta,
    abs_tolerance: given.absTolerance,
    seed: given.seed,
    exact_limit: given.exactLimit,
    layers: given.layers,
    rename: given.rename,
    backend: given.backend,
    map_side: given.mapSide,
    comparison: given.comparison ?? given.span,
    function_preserving: given.functionPreserving,
  };
  return {
    base: base === undefined ? null : findOne(base, 'the base'),
    fisher: given.fisher === undefined ? null : findOne(given.fisher, 'the Fisher'),
    runs,
    settings,
    quiet,
    timeout,
    out: reports.map((/** @type {string} */ file) => writable('--out', file)),
    tables: tables.map((file) => writable('--csv', file)),
    csv: tables.length > 0,
  };
}
