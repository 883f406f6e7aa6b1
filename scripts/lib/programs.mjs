// Programs that npm packages bring: run with this Node, which works on every system and saves npx.
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { fromRoot } from './root.mjs';

/**
 * The command that runs a program of an npm package, to be followed by the program's arguments.
 *
 * @param {string} packageName
 * @param {string} [program] for packages that bring several
 * @param {string} [packages] the folder that it is installed in
 * @returns {[string, string]}
 */
export function npmProgram(
  packageName,
  program = packageName,
  packages = fromRoot('node_modules'),
) {
  const folder = path.join(packages, packageName);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return [process.execPath, path.join(folder, typeof bin === 'string' ? bin : bin[program])];
}
