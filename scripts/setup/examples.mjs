// The bundlers of examples/, and what checks the package: installed apart from the repository's own
// packages, since nothing else needs them.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  // Vite, where it has built something before, leaves an environment in which npm would omit them.
  const flags = ['--include=dev', '--prefer-offline', '--loglevel=error'];
  const { ok, output } = await capture([npm, 'ci', ...flags], { cwd: folder });
  if (!ok) throw new Problem(`the packages of examples/ could not be installed:\n${output}`);
  writeFileSync(stamp, lock);
});

/**
 * Puts the packed package where npm would put it, without npm: that would weigh the whole tree.
 *
 * @param {string} tarball
 */
export async function installTarball(tarball) {
  await ensureExamplePackages();
  const place = fromRoot('examples', 'node_modules', 'gatescope');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const { ok, output } = await capture([
    'tar',
    '-xzf',
    tarball,
    '-C',
    place,
    '--strip-components=1',
  ]);
  if (!ok) throw new Problem(`the package could not be unpacked:\n${output}`);
}
