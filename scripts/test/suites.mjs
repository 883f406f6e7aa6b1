// The suites of `npm test`, in the order of its table. `prepare` installs and builds what only that
// suite needs and returns its command.
import { existsSync, readdirSync } from 'node:fs';
import { LINT_WHILE_COMPILING, TEST_SETTINGS, TOOLS } from '../check/tools.mjs';
import { once, waitForAll } from '../lib/promises.mjs';
import { fromRoot } from '../lib/root.mjs';
import { show } from '../lib/run.mjs';
import { buildPage } from '../lib/page.mjs';
import {
  ensureChromium,
  ensureChromiumAndDriver,
  ensureFirefox,
  vulkanEnv,
} from '../setup/browser.mjs';
import { ensureExamplePackages } from '../setup/examples.mjs';
import { ensureNpmPackages } from '../setup/npm.mjs';
import { ensureReferencePython } from '../setup/python.mjs';
import { ensureRustLinters } from '../setup/rust.mjs';
import { ensureWasmTestRunner } from '../setup/wasm-tools.mjs';
import { cargoCounts, checkCounts, nodeCounts, pytestCounts } from './counts.mjs';
import { writeWebdriverSettings } from './webdriver.mjs';

/**
 * @typedef {object} Command
 * @property {string} command
 * @property {string[]} args
 * @property {Record<string, string>} [env]
 *
 * @typedef {{ passed: number, failed: number }} Counts
 * @typedef {'cargo' | 'other' | 'browser' | 'alone'} Lane
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} about
 * @property {Lane} lane suites of one lane run one after the other; those alone are prepared at the
 *   end of the lane of browsers and run when all lanes have ended
 * @property {string} [after] the name of a suite that has to end before this one runs; it is
 *   prepared meanwhile
 * @property {string} [folder] without which there is nothing to run
 * @property {(output: string) => Counts | null} counts
 * @property {() => Promise<unknown>} [ahead] the part of `prepare` that needs no core: an
 *   installation, which begins with the first suite
 * @property {() => Promise<Command>} prepare
 */

/** @param {string} folder */
const listTestFiles = (folder) =>
  existsSync(fromRoot(folder))
    ? readdirSync(fromRoot(folder))
        .filter((name) => name.endsWith('.test.mjs'))
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];

/**
 * @param {string[]} folders
 * @param {Record<string, string>} [env]
 * @param {string[]} flags
 * @returns {Command}
 */
const nodeTest = (folders, env, ...flags) => ({
  command: process.execPath,
  args: ['--test', '--test-reporter=spec', ...flags, ...folders.flatMap(listTestFiles)],
  env,
});

const CARGO_TEST = ['test', '--release', '-p', 'gatescope', '--locked', '--no-fail-fast'];
/** What has tests; the check alone compiles the examples, since it does not have to link them. */
const WITH_TESTS = ['--lib', '--test', '*'];

/**
 * The program that the reference is held against, and the example of it. Where they are up to date
 * that is known at once; pytest would wait for it until cargo has compiled all else.
 */
const buildNative = once(async () => {
  await ensureRustLinters();
  const what = ['--bins', '--example', 'accepted'];
  const args = ['build', '--release', '--locked', '-p', 'gatescope', ...what];
  await show('the native program cannot be built', 'cargo', args, { quiet: true });
});

/** @type {Suite} */
const check = {
  name: 'check',
  about: 'form, faults, types and spelling of all files, and that a fault of each kind is found',
  // Before the others, which run what it compiles.
  lane: 'cargo',
  counts: checkCounts,
  async prepare() {
    for (const prepare of new Set(TOOLS.map((tool) => tool.prepare))) await prepare();
    // What fails there is told by the suite that needs it.
    await buildNative().catch(() => {});
    return { command: process.execPath, args: ['scripts/check.mjs'], env: LINT_WHILE_COMPILING };
  },
};

/** @type {Suite} */
const rust = {
  name: 'rust',
  about: 'Rust unit and integration tests, native wgpu on a software Vulkan device',
  lane: 'cargo',
  counts: cargoCounts,
  ahead: vulkanEnv,
  async prepare() {
    await ensureRustLinters();
    const args = [...CARGO_TEST, ...TEST_SETTINGS, ...WITH_TESTS];
    return { command: 'cargo', args, env: { ...LINT_WHILE_COMPILING, ...(await vulkanEnv()) } };
  },
};

/** It waits for no compilation of the crate: the runner has a target folder of its own. */
const installForWasm = () => waitForAll(ensureChromiumAndDriver(), ensureWasmTestRunner());

/** @type {Suite} */
const wasm = {
  name: 'wasm',
  about: 'the crate as WebAssembly in headless Chromium with WebGPU',
  // Beside the native tests, which leave a core to the browser.
  lane: 'other',
  after: 'check',
  counts: cargoCounts,
  async prepare() {
    await ensureRustLinters();
    await installForWasm();
    const { chromium, driver } = await ensureChromiumAndDriver();
    return {
      command: 'cargo',
      args: [...CARGO_TEST, ...WITH_TESTS, '--target', 'wasm32-unknown-unknown'],
      env: {
        ...LINT_WHILE_COMPILING,
        CHROMEDRIVER: driver,
        WASM_BINDGEN_TEST_ONLY_WEB: '1',
        WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeWebdriverSettings(chromium),
      },
    };
  },
};

/** @type {Suite} */
const unit = {
  name: 'unit',
  about: 'modules of the page and of these scripts',
  lane: 'other',
  counts: nodeCounts,
  async prepare() {
    await ensureNpmPackages();
    return nodeTest(['scripts/test', 'tests/unit']);
  },
};

/** @type {Suite} */
const reference = {
  name: 'reference',
  about: 'the float64 references and what they are held to',
  lane: 'other',
  folder: 'tests/reference',
  counts: pytestCounts,
  async prepare() {
    const python = await ensureReferencePython();
    await buildNative();
    // Matrices of a hundred columns: a second thread of each product would spin and wait.
    const env = { OPENBLAS_NUM_THREADS: '1', GATESCOPE_BUILT: '1' };
    return { command: python, args: ['-m', 'pytest', '-q', 'tests/reference'], env };
  },
};

/** What opens the built page needs it, and browsers. */
async function prepareBrowsers() {
  await ensureRustLinters();
  const browsers = [ensureChromium(), ensureFirefox()];
  await waitForAll(buildPage(), ensureExamplePackages(), ...browsers);
  const [CHROMIUM, FIREFOX] = await Promise.all(browsers);
  return { CHROMIUM, FIREFOX, GATESCOPE_BUILT: '1' };
}

/**
 * @param {string} folder
 * @param {number} files that run at a time
 */
const testInBrowsers = async (folder, files) =>
  nodeTest([folder], await prepareBrowsers(), `--test-concurrency=${files}`);

/** @type {Suite} */
const views = {
  name: 'views',
  about: 'what shows a result, in headless Chromium',
  lane: 'browser',
  // The compilation, on which most suites wait, has a core until it ends.
  after: 'reference',
  folder: 'tests/views',
  counts: nodeCounts,
  prepare: () => testInBrowsers('tests/views', 1),
};

/** @type {Suite} */
const e2e = {
  name: 'e2e',
  about: 'the built page in headless Chromium and Firefox, and `npm run analyze`',
  // It waits for browsers most of the time and holds to no time, so that other suites have the
  // cores meanwhile; what waits for it is patient.
  lane: 'browser',
  after: 'check',
  folder: 'tests/e2e',
  counts: nodeCounts,
  prepare: () => testInBrowsers('tests/e2e', 2),
};

/** @type {Suite} */
const timed = {
  name: 'timed',
  about: 'how long the page keeps a reader waiting',
  lane: 'alone',
  folder: 'tests/timed',
  counts: nodeCounts,
  prepare: () => testInBrowsers('tests/timed', 1),
};

export const suites = [check, rust, unit, reference, wasm, views, e2e, timed];
