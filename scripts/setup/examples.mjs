// The bundlers of examples/, and what checks the package: installed apart from the repository's own
// packages, since nothing else needs them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from '../lib/promises.mjs';
import { fromRoot } from '../lib/root.mjs';
import { capture, say } from '../lib/run.mjs';
import { Problem } from '../lib/problem.mjs';

const folder = fromRoot('examples');
export const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What the installed packages were made from. */
const stamp = fromRoot('examples', 'node_modules', '.installed-from');

export const ensureExamplePackages = once(async () => {
  const lock = readFileSync(fromRoot('examples', 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing the bundlers of examples/');
  const { ok, output } = await capture([npm, 'ci', '--prefer-offline', '--loglevel=error'], {
    cwd: folder,
  });
  if (!ok) throw new Problem(`the packages of examples/ could not be installed:\n${output}`);
  writeFileSync(stamp, lock);
});

/**
 * Installs the packed package into examples/, as a user would; its lock file stays as it is.
 *
 * @param {string} tarball
 */
export async function installTarball(tarball) {
  await ensureExamplePackages();
  const flags = ['--no-save', '--no-package-lock', '--offline', '--loglevel=error'];
  const { ok, output } = await capture([npm, 'install', ...flags, tarball], { cwd: folder });
  if (!ok) throw new Problem(`the package could not be installed:\n${output}`);
}
