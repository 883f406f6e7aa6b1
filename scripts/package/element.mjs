// The custom element in the package, where this checkout has it.
import { existsSync } from 'node:fs';
import { fromRoot } from '../lib/root.mjs';

/**
 * Whether there was one to build.
 *
 * @param {string} _folder
 */
export async function buildElement(_folder) {
  return existsSync(fromRoot('www', 'element', 'gate-scope.js'));
}
