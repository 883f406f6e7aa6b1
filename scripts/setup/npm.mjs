// npm packages: installed when node_modules does not hold what the lock file asks for.
import { readFileSync } from 'node:fs';
import { once } from '../lib/promises.mjs';
import { fromRoot } from '../lib/root.mjs';
import { Problem } from '../lib/problem.mjs';
import { say, show, which } from '../lib/run.mjs';

/** @param {string[]} parts */
const readJson = (...parts) => JSON.parse(readFileSync(fromRoot(...parts), 'utf8'));

export function checkNode() {
  /** @type {number[]} */
  const wanted = readJson('package.json').engines.node.replace('>=', '').split('.').map(Number);
  const have = process.versions.node.split('.').map(Number);
  const at = wanted.findIndex((part, i) => part !== have[i]);
  if (at >= 0 && have[at] < wanted[at]) {
    throw new Problem(
      `node ${process.versions.node} is too old: Gatescope needs ${wanted.join('.')} or newer. ` +
        'Get one from https://nodejs.org.',
    );
  }
}

function installed() {
  let have;
  try {
    have = readJson('node_modules', '.package-lock.json').packages;
  } catch {
    return false;
  }
  const wanted = readJson('package-lock.json').packages;
  return Object.entries(wanted).every(([where, entry]) => {
    if (where === '') return true;
    // Optional packages are native builds for other machines: absent is fine, another version is
    // not.
    return have[where] ? have[where].version === entry.version : entry.optional === true;
  });
}

export const ensureNpmPackages = once(async () => {
  checkNode();
  if (installed()) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  if (!which(npm))
    throw new Problem(
      'npm was not found. It comes with Node.js: https://nodejs.org ' +
        '(on Debian: apt-get install npm).',
    );
  say('installing npm packages');
  await show(
    'npm packages could not be installed',
    npm,
    ['ci', '--no-fund', '--no-audit', '--loglevel=error'],
    { quiet: true },
  );
});
