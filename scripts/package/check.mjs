// What publint and are-the-types-wrong say of a tarball.
import { fromRoot } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';
import { ensureExamplePackages } from '../setup/examples.mjs';

/** @param {string[]} parts */
const program = (...parts) => [process.execPath, fromRoot('examples', 'node_modules', ...parts)];

/**
 * Their findings, or an empty text. Types are looked for as bundlers and Node find them from
 * modules; what is not a script has none.
 *
 * @param {string} tarball
 */
export async function checkTarball(tarball) {
  await ensureExamplePackages();
  const others = ['gatescope_bg.wasm', 'report.schema.json', 'package.json'];
  const runs = await Promise.all([
    capture([...program('publint', 'src', 'cli.js'), 'run', tarball, '--strict']),
    capture([
      ...program('@arethetypeswrong', 'cli', 'dist', 'index.js'),
      ...[tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'],
      ...['--exclude-entrypoints', ...others],
    ]),
  ]);
  return runs
    .filter(({ ok }) => !ok)
    .map(({ output }) => output)
    .join('\n');
}
