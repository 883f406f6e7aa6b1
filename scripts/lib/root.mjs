// Where things are. Everything the scripts install stays inside the repository.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
/** @param {string[]} parts */
export const fromRoot = (...parts) => path.join(root, ...parts);

export const toolsBin = fromRoot('.tools', 'bin');
export const npmBin = fromRoot('node_modules', '.bin');
