// Browsers, a driver, and a software Vulkan device: for tests and `npm run analyze` only.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Problem } from '../lib/problem.mjs';
import { once } from '../lib/promises.mjs';
import { ask, which } from '../lib/run.mjs';
import { installPackages } from './apt.mjs';

const CHROMIUM_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
];
const MAC_CHROMES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const FIREFOX_NAMES = ['firefox-esr', 'firefox'];
const MAC_FIREFOXES = ['/Applications/Firefox.app/Contents/MacOS/firefox'];

/**
 * A program named by an environment variable, which then must exist; else the first found.
 *
 * @param {string} variable
 * @param {string[]} names on PATH
 * @param {string[]} [files] elsewhere
 */
function locate(variable, names, files = []) {
  const named = process.env[variable];
  if (named) {
    const found = existsSync(named) ? named : which(named);
    if (!found) throw new Problem(`${variable} is set to ${named}, which does not exist.`);
    return found;
  }
  return names.map(which).find(Boolean) ?? files.find((file) => existsSync(file)) ?? null;
}

const findChromium = () => locate('CHROMIUM', CHROMIUM_NAMES, MAC_CHROMES);
const findDriver = () => locate('CHROMEDRIVER', ['chromedriver']);

/**
 * What was installed a moment ago and has to be there.
 *
 * @param {string | null} place
 * @param {string} name
 */
function requireFound(place, name) {
  if (place === null) throw new Problem(`${name} was installed, but is not found.`);
  return place;
}

export const ensureChromium = once(async () => {
  if (!findChromium()) {
    await installPackages(
      ['chromium'],
      'Chromium was not found (set CHROMIUM to a Chromium or Chrome that is elsewhere).',
    );
  }
  return requireFound(findChromium(), 'Chromium');
});

export const ensureFirefox = once(async () => {
  const find = () => locate('FIREFOX', FIREFOX_NAMES, MAC_FIREFOXES);
  if (!find())
    await installPackages(
      ['firefox-esr'],
      'Firefox was not found (set FIREFOX to one that is elsewhere).',
    );
  return requireFound(find(), 'Firefox');
});

/**
 * Chromium and the driver that belongs to it: a driver of another major version refuses to work.
 */
export const ensureChromiumAndDriver = once(async () => {
  const chromium = await ensureChromium();
  if (!findDriver()) {
    await installPackages(
      ['chromium-driver'],
      'chromedriver was not found (set CHROMEDRIVER to one that is elsewhere).',
    );
  }
  const driver = requireFound(findDriver(), 'chromedriver');
  const [browserMajor, driverMajor] = [chromium, driver].map(
    (file) => ask(file, ['--version'])?.match(/(\d+)\.\d+/)?.[1],
  );
  if (browserMajor !== driverMajor) {
    throw new Problem(
      `${driver} is version ${driverMajor} but ${chromium} is version ${browserMajor}. ` +
        'Install the chromedriver of the same major version, or name one with CHROMEDRIVER.',
    );
  }
  return { chromium, driver };
});

function findLavapipe() {
  for (const directory of [
    '/usr/share/vulkan/icd.d',
    '/usr/local/share/vulkan/icd.d',
    '/etc/vulkan/icd.d',
  ]) {
    const file =
      existsSync(directory) && readdirSync(directory).find((name) => name.startsWith('lvp_icd'));
    if (file) return path.join(directory, file);
  }
  return null;
}

/**
 * Environment under which native wgpu finds one adapter, the same on every Linux machine: Mesa's
 * software Vulkan. With GATESCOPE_HARDWARE_GPU=1, and on other systems, whatever the machine has.
 *
 * @returns {Promise<Record<string, string>>}
 */
export async function vulkanEnv() {
  if (process.env.GATESCOPE_HARDWARE_GPU === '1' || process.platform !== 'linux') return {};
  if (!findLavapipe()) {
    await installPackages(
      ['mesa-vulkan-drivers'],
      "Mesa's software Vulkan (lavapipe) was not found.",
    );
  }
  const driver = requireFound(findLavapipe(), 'lavapipe');
  // The second name is the one that loaders before 1.3.207 know.
  return { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver };
}
