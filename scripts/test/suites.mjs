// The suites of `npm test`, in order. `prepare` installs what only that suite needs and returns its
// command.
import { existsSync, readdirSync } from 'node:fs';
import { fromRoot } from '../lib/root.mjs';
import { buildPage } from '../lib/page.mjs';
import {
  ensureChromium,
  ensureChromiumAndDriver,
  ensureFirefox,
  vulkanEnv,
} from '../setup/browser.mjs';
import { ensureNpmPackages } from '../setup/npm.mjs';
import { ensureReferencePython } from '../setup/python.mjs';
import { ensureRust } from '../setup/rust.mjs';
import { ensureWasmBindgen, ensureWasmPack } from '../setup/wasm-tools.mjs';
import { cargoCounts, checkCounts, nodeCounts, pytestCounts } from './counts.mjs';
import { webdriverFile } from './webdriver.mjs';

const testFiles = (folder) =>
  existsSync(fromRoot(folder))
    ? readdirSync(fromRoot(folder))
        .filter((name) => name.endsWith('.test.mjs'))
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];

const nodeTest = (folders, env, ...flags) => ({
  command: process.execPath,
  args: ['--test', '--test-reporter=spec', ...flags, ...folders.flatMap(testFiles)],
  env,
});

const check = {
  name: 'check',
  about: 'formatters, linters, types and spelling: `npm run check`',
  counts: checkCounts,
  prepare: () => ({ command: process.execPath, args: ['scripts/check.mjs'] }),
};

const rust = {
  name: 'rust',
  about: 'Rust unit and integration tests, native wgpu on a software Vulkan device',
  counts: cargoCounts,
  async prepare() {
    await ensureRust();
    return {
      command: 'cargo',
      args: ['test', '--release', '-p', 'gatescope', '--locked', '--no-fail-fast'],
      env: await vulkanEnv(),
    };
  },
};

const wasm = {
  name: 'wasm',
  about: 'the crate as WebAssembly in headless Chromium with WebGPU',
  counts: cargoCounts,
  async prepare() {
    await ensureNpmPackages();
    await ensureRust();
    await ensureWasmBindgen();
    const command = await ensureWasmPack();
    const { chromium, driver } = await ensureChromiumAndDriver();
    return {
      command,
      // wasm-pack has no way to hand cargo --no-fail-fast: the first test file that fails is the
      // last one run.
      args: [
        'test',
        '--headless',
        '--chrome',
        '--chromedriver',
        driver,
        '--release',
        '--mode',
        'no-install',
        'crate',
      ],
      env: { WASM_BINDGEN_TEST_WEBDRIVER_JSON: webdriverFile(chromium) },
    };
  },
};

const unit = {
  name: 'unit',
  about: 'modules of the page and of these scripts',
  counts: nodeCounts,
  async prepare() {
    await ensureNpmPackages();
    return nodeTest(['scripts/test', 'tests/unit']);
  },
};

const reference = {
  name: 'reference',
  about: 'the float64 references and what they are held to',
  folder: 'tests/reference',
  counts: pytestCounts,
  async prepare() {
    return {
      command: await ensureReferencePython(),
      args: ['-m', 'pytest', '-q', 'tests/reference'],
    };
  },
};

const e2e = {
  name: 'e2e',
  about: 'the built page in headless Chromium and Firefox, and `npm run analyze`',
  folder: 'tests/e2e',
  counts: nodeCounts,
  async prepare() {
    await buildPage();
    const CHROMIUM = await ensureChromium();
    const FIREFOX = await ensureFirefox();
    // One after another: two Chromiums that compute would starve each other into timeouts.
    return nodeTest(
      ['tests/e2e'],
      { CHROMIUM, FIREFOX, GATESCOPE_BUILT: '1' },
      '--test-concurrency=1',
    );
  },
};

export const suites = [check, rust, wasm, unit, reference, e2e];
