// System packages. Installed only where that needs no password: as root on Debian and its
// relatives.
import { Problem } from '../lib/problem.mjs';
import { say, show, which } from '../lib/run.mjs';

let refreshed = false;

/** Installs Debian packages, or fails with `missing` and the command that the user can run. */
export async function installPackages(packages, missing) {
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  if (!which('apt-get')) {
    throw new Problem(
      `${missing} Install it with your system's package manager (on Debian: ${packages.join(', ')}).`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Problem(`${missing} Run: sudo apt-get update && sudo apt-get ${install.join(' ')}`);
  }
  say(`installing ${packages.join(', ')} with apt-get`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (!refreshed) await show(missing, 'apt-get', ['update'], { env, quiet: true });
  refreshed = true;
  await show(missing, 'apt-get', install, { env, quiet: true });
}
