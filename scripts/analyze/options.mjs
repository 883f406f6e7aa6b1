// The command line of `npm run analyze`: every mistake is found here, before anything is built or
// opened.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { nameApart } from '../../www/app/name-apart.js';
import { describeLimits, isWithin, parseRenamings } from '../../www/app/settings-text.js';
import { LIMITS, WORDS } from '../../www/report/settings.js';
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

function command() {
  return (
    new Command('npm run analyze --')
      .description(
        "Compares tuned checkpoints with the base they came from, with the page's own code in " +
          'headless Chromium.',
      )
      .option(
        '--base <dir>',
        'the checkpoint before tuning: a folder, or one file of weights; sparse deltas that ' +
          'list weights can do without',
      )
      .requiredOption(
        '--tuned <dir...>',
        'one or more checkpoints tuned from it; LoRA adapters as PEFT saves them and sparse ' +
          'deltas will do',
      )
      .option(
        '--fisher <file>',
        "a diagonal Fisher of the base, or Adam's exp_avg_sq: one .safetensors file, or a folder",
      )
      .requiredOption(
        '--out <file>',
        'where the report is written: as JSON, with the ending .json.gz packed by gzip, or with ' +
          'the ending .html as a page of its own',
      )
      .option('--csv <file>', 'also write the per-tensor figures as CSV')
      .option(
        '--name <name...>',
        "names of the tuned checkpoints, in order; otherwise their folders' names",
      )
      .option('--k <n>', 'how many singular directions are compared', setting(LIMITS.k))
      .option(
        '--alpha <share>',
        'share of weights in the masks; repeat, or separate by commas',
        alphas,
      )
      .option(
        '--eta <value>',
        'relative size below which a change of a bf16 weight counts as none',
        setting(LIMITS.eta),
      )
      .option(
        '--exact-limit <n>',
        'smaller side of a matrix up to which the decomposition is exact',
        setting(LIMITS.exact_limit),
      )
      .option(
        '--map-side <n>',
        'largest number of cells along a side of a map, 0 for none',
        setting(LIMITS.map_side),
      )
      .addOption(
        new Option(
          '--comparison <what>',
          'the kind of comparison: with the result of a whole run, over one step of a run, or ' +
            'step by step of one run, whose saves are the tuned checkpoints in their order',
        ).choices(WORDS.comparison),
      )
      // The name of the option in earlier versions.
      .addOption(new Option('--span <what>').choices(WORDS.comparison).hideHelp())
      .option(
        '--no-function-preserving',
        'do not look for changes of value and output projections that leave the function as it was',
      )
      .option('--layers <list>', 'only these layers, as in 0-3,7')
      .option(
        '--rename <from=to>',
        "a prefix of the tuned checkpoints' names and what the base has in its place, as in " +
          'model.language_model.=model.; repeat for more',
        renamings,
      )
      .addOption(
        new Option('--backend <name>', 'what computes').choices(WORDS.backend).default('auto'),
      )
      .option(
        '--timeout <seconds>',
        'give up after so long (default: never)',
        number('a number of seconds above 0', (v) => v > 0),
      )
      .option('--quiet', 'no progress on stderr')
      .allowExcessArguments(false)
      .exitOverride()
      .configureOutput({ outputError: () => {} })
  );
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
  try {
    given = command().parse(argv, { from: 'user' }).opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return null;
    throw new UsageProblem(oneLine(error.message.replace(/^error: /, '')));
  }
  const { out, csv, quiet, timeout } = given;
  const runs = nameRuns(given.tuned.flatMap(findPlaces), given.name ?? []);
  // What is not given is left to the page, which knows the defaults.
  const settings = {
    k: given.k,
    alphas: given.alpha,
    eta: given.eta,
    exact_limit: given.exactLimit,
    layers: given.layers,
    rename: given.rename,
    backend: given.backend,
    map_side: given.mapSide,
    comparison: given.comparison ?? given.span,
    function_preserving: given.functionPreserving,
  };
  return {
    base: given.base === undefined ? null : findOne(given.base, 'the base'),
    fisher: given.fisher === undefined ? null : findOne(given.fisher, 'the Fisher'),
    runs,
    settings,
    quiet,
    timeout,
    out: writable('--out', out),
    csv: csv && writable('--csv', csv),
  };
}
