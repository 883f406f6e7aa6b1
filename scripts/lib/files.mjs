// The files of the repository, with or without git: a copy from an archive is checked as well.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * The folders that .gitignore names: builds, installed packages, caches. A slash in front is of a
 * folder that lies at the top.
 *
 * @param {string} folder
 */
function ignoredFolders(folder) {
  return readFileSync(path.join(folder, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('/'))
    .map((line) => line.slice(0, -1));
}

/**
 * Paths of all files under `folder` that git would not ignore, relative to it and with `/` between
 * their parts.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function listFiles(folder) {
  const ignored = new Set(['.git', ...ignoredFolders(folder)]);
  /** @type {(place: string) => string[]} */
  const filesIn = (place) =>
    readdirSync(path.join(folder, place), { withFileTypes: true }).flatMap((entry) => {
      const name = path.posix.join(place, entry.name);
      if (ignored.has(entry.name) || ignored.has(name) || ignored.has(`/${name}`)) return [];
      if (entry.isDirectory()) return filesIn(name);
      return entry.isFile() ? [name] : [];
    });
  return filesIn('').sort();
}
