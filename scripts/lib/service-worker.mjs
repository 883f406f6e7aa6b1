// The service worker of the built page: its text, behind the list of what the build has made.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromRoot } from './root.mjs';

const SOURCE = ['www', 'offline', 'service-worker.js'];

/**
 * Emits sw.js. Files that Vite copies as they are, the samples, are not among those it keeps.
 *
 * @returns {import('vite').Plugin}
 */
export function serviceWorker() {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = Object.keys(bundle).sort();
        const hash = createHash('sha256');
        for (const file of files) {
          const made = bundle[file];
          hash.update(`\0${file}\0`).update(made.type === 'chunk' ? made.code : made.source);
        }
        const head = [
          `const FILES = ${JSON.stringify(files.map((file) => `./${file}`))};`,
          `const VERSION = '${hash.digest('hex').slice(0, 16)}';`,
        ];
        const text = readFileSync(fromRoot(...SOURCE), 'utf8');
        const source = `${head.join('\n')}\n${text}`;
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}
