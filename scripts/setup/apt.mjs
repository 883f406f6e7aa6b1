// System packages. Installed only where that needs no password: as root on Debian and its
// relatives.
import { Problem } from '../lib/problem.mjs';
import { say, show, which } from '../lib/run.mjs';

let refreshed = false;
/** apt-get locks its database, and a second one beside it fails: each waits for the one before. */
let before = Promise.resolve();

/**
 * Installs Debian packages, or fails with `missing` and the command that the user can run.
 *
 * @param {string[]} packages
 * @param {string} missing
 */
export function installPackages(packages, missing) {
  const installed = before.then(() => install(packages, missing));
  before = installed.catch(() => {});
  return installed;
}

/**
 * @param {string[]} packages
 * @param {string} missing
 */
async function install(packages, missing) {
  const command = ['install', '-y', '--no-install-recommends', ...packages];
  if (!which('apt-get')) {
    const names = packages.join(', ');
    throw new Problem(
      `${missing} Install it with your system's package manager (on Debian: ${names}).`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Problem(`${missing} Run: sudo apt-get update && sudo apt-get ${command.join(' ')}`);
  }
  say(`installing ${packages.join(', ')} with apt-get`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (!refreshed) await show(missing, 'apt-get', ['update'], { env, quiet: true });
  refreshed = true;
  await show(missing, 'apt-get', command, { env, quiet: true });
}
