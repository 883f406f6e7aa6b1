// The tools of `npm run check`: how each is called on all files and on some, and what mends its
// findings. A tool that is a program has `commands`; one of our own has `find`.
import path from 'node:path';
import { existsSync } from 'node:fs';
import { listFiles } from '../lib/files.mjs';
import { fromRoot } from '../lib/root.mjs';
import { npmProgram } from '../lib/programs.mjs';
import { ensureNpmPackages } from '../setup/npm.mjs';
import { checkProgram, ensureCheckPrograms } from '../setup/python.mjs';
import { ensureRustLinters } from '../setup/rust.mjs';
import { EXTENSIONS, checkLineLengths } from './lines.mjs';

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {string} about what its findings are
 * @property {string} mend what to do about a finding
 * @property {'rust' | 'other'} lane tools of one lane run one after the other
 * @property {string[] | 'all'} [extensions] of the files that a commit hands it; a tool without
 *   looks at the whole only
 * @property {() => Promise<unknown>} prepare installs what it needs
 * @property {(folder: string, files?: string[]) => string[][]} [commands] run in `folder`; one that
 *   fails is a finding. Without `files` they look at everything.
 * @property {RegExp} [finding] what the output of a command has that found something and yet did
 *   not fail
 * @property {(folder: string, files?: string[]) => string[]} [find] findings, one a line
 * @property {(folder: string) => string[][]} [format] commands that mend all files
 */

const FORMAT = 'run `npm run format`';

const script = ['.js', '.mjs'];
const python = ['.py'];

/**
 * rustfmt on files, since `cargo fmt` leaves out what is outside the workspace. The edition is the
 * workspace's.
 *
 * @param {string} folder
 * @param {string[]} [files]
 * @param {string[]} flags
 */
const rustfmt = (folder, files = listFiles(folder), ...flags) => [
  ['rustfmt', '--edition', '2024', ...flags, ...files.filter((file) => file.endsWith('.rs'))],
];

/**
 * With this in its environment cargo has clippy look at the crate while it compiles it. Windows
 * starts no script as a program.
 *
 * @type {Record<string, string>}
 */
export const LINT_WHILE_COMPILING =
  process.platform === 'win32'
    ? {}
    : { RUSTC_WORKSPACE_WRAPPER: fromRoot('scripts', 'check', 'rustc-and-clippy.mjs') };

/**
 * How cargo compiles native tests that way. The crate alone is optimised less, which takes three
 * quarters of the time and changes no figure. What is compiled lies with
 * the other things of the profile, whose dependencies it shares; the program goes where nobody
 * takes it for the one that users run.
 */
export const TEST_SETTINGS =
  LINT_WHILE_COMPILING.RUSTC_WORKSPACE_WRAPPER === undefined
    ? []
    : [
        'profile.release.package.gatescope.opt-level=1',
        'build.build-dir="target"',
        'build.target-dir="target/tests"',
      ].flatMap((setting) => ['--config', setting]);

/**
 * Warnings are findings, in tests and examples as well. `npm test` compiles everything anyway, so
 * there clippy looks at it on the way; alone, the check compiles nothing, which is faster after a
 * change.
 *
 * @param {string[]} flags
 */
function clippy(...flags) {
  const wrapper = LINT_WHILE_COMPILING.RUSTC_WORKSPACE_WRAPPER;
  const compiles = wrapper !== undefined && process.env.RUSTC_WORKSPACE_WRAPPER === wrapper;
  // As WebAssembly, tests at this level take longer than what is saved.
  const settings = flags.includes('--target') ? [] : TEST_SETTINGS;
  const command = compiles ? ['build', ...settings] : ['clippy'];
  return ['cargo', ...command, '--quiet', '--release', '--locked', '--all-targets', ...flags];
}

const CLIPPY_FINDING = /^(warning|error)\b/m;

/** @type {Tool[]} */
export const TOOLS = [
  {
    name: 'rustfmt',
    about: 'the form of Rust',
    mend: FORMAT,
    lane: 'rust',
    extensions: ['.rs'],
    prepare: ensureRustLinters,
    commands: (folder, files) => rustfmt(folder, files, '--check'),
    format: (folder) => rustfmt(folder),
  },
  {
    name: 'clippy',
    about: 'faults in Rust, natively',
    mend: 'mend the lines above; `cargo clippy --fix --all-targets` mends some',
    lane: 'rust',
    prepare: ensureRustLinters,
    commands: () => [clippy()],
    finding: CLIPPY_FINDING,
  },
  {
    name: 'clippy-wasm',
    about: 'faults in Rust, as WebAssembly',
    mend: 'mend the lines above',
    lane: 'rust',
    prepare: ensureRustLinters,
    commands: () => [clippy('--target', 'wasm32-unknown-unknown')],
    finding: CLIPPY_FINDING,
  },
  {
    name: 'prettier',
    about: 'the form of JavaScript, CSS, HTML, JSON and Markdown',
    mend: FORMAT,
    lane: 'other',
    extensions: [...script, '.ts', '.css', '.html', '.json', '.md'],
    prepare: ensureNpmPackages,
    commands: (_, files = ['.']) => [
      [...npmProgram('prettier'), '--check', '--log-level=warn', ...files],
    ],
    format: () => [[...npmProgram('prettier'), '--write', '--log-level=warn', '.']],
  },
  {
    name: 'eslint',
    about: 'faults in JavaScript',
    mend: 'mend the lines above; `npx eslint --fix .` mends some',
    lane: 'other',
    extensions: script,
    prepare: ensureNpmPackages,
    commands: (_, files = ['.']) => [
      [...npmProgram('eslint'), '--max-warnings=0', '--no-warn-ignored', ...files],
    ],
  },
  {
    name: 'tsc',
    about: 'types of JavaScript',
    mend: 'mend the lines above',
    lane: 'other',
    prepare: ensureNpmPackages,
    commands: (folder) =>
      ['tsconfig.json', 'scripts/tsconfig.json']
        .filter((file) => existsSync(path.join(folder, file)))
        .map((file) => [...npmProgram('typescript', 'tsc'), '--noEmit', '-p', file]),
  },
  {
    name: 'ruff',
    about: 'faults in Python',
    mend: 'mend the lines above; `npm run format` mends those with a [*]',
    lane: 'other',
    extensions: python,
    prepare: ensureCheckPrograms,
    commands: (_, files = ['.']) => [
      [checkProgram('ruff'), 'check', '--quiet', '--no-cache', '--force-exclude', ...files],
    ],
    format: () => [[checkProgram('ruff'), 'check', '--quiet', '--no-cache', '--fix-only', '.']],
  },
  {
    name: 'ruff-format',
    about: 'the form of Python',
    mend: FORMAT,
    lane: 'other',
    extensions: python,
    prepare: ensureCheckPrograms,
    commands: (_, files = ['.']) => [
      [checkProgram('ruff'), 'format', '--check', '--no-cache', '--force-exclude', ...files],
    ],
    format: () => [[checkProgram('ruff'), 'format', '--quiet', '--no-cache', '.']],
  },
  {
    name: 'typos',
    about: 'misspelt words in all files',
    mend:
      'mend the words above; a word that is right goes into typos.toml with the reason, as do ' +
      'the data that hold it',
    lane: 'other',
    extensions: 'all',
    prepare: ensureCheckPrograms,
    commands: (_, files = ['.']) => [[checkProgram('typos'), '--force-exclude', ...files]],
  },
  {
    name: 'taplo',
    about: 'the form of TOML',
    mend: FORMAT,
    lane: 'other',
    extensions: ['.toml'],
    prepare: ensureNpmPackages,
    commands: (_, files = []) => [
      [...npmProgram('@taplo/cli', 'taplo'), 'fmt', '--check', '--diff', ...files],
    ],
    format: () => [[...npmProgram('@taplo/cli', 'taplo'), 'fmt']],
  },
  {
    name: 'line-length',
    about: 'lines of more than 100 columns',
    mend: 'break the lines above',
    lane: 'other',
    extensions: EXTENSIONS,
    prepare: async () => {},
    find: checkLineLengths,
  },
];

/**
 * The tools above find what they are there for.
 *
 * @type {Tool}
 */
export const SELF_TEST = {
  name: 'planted-faults',
  about: 'a tool does not find a fault that is planted for it',
  mend: 'see scripts/check/planted.test.mjs',
  lane: 'other',
  prepare: async () => {},
  commands: () => [[process.execPath, '--test', 'scripts/check/planted.test.mjs']],
};
