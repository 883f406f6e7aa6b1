// What publint and are-the-types-wrong say of a tarball.
import { npmProgram } from '../lib/programs.mjs';
import { fromRoot } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';
import { ensureExamplePackages } from '../setup/examples.mjs';

/**
 * Their findings, or an empty text. Types are looked for as bundlers and Node find them from
 * modules; what is not a script has none.
 *
 * @param {string} tarball
 */
export async function checkTarball(tarball) {
  await ensureExamplePackages();
  const packages = fromRoot('examples', 'node_modules');
  const others = [
    'gatescope_bg.wasm',
    'report.schema.json',
    'custom-elements.json',
    'package.json',
  ];
  const runs = await Promise.all([
    capture([...npmProgram('publint', 'publint', packages), 'run', tarball, '--strict']),
    capture([
      ...npmProgram('@arethetypeswrong/cli', 'attw', packages),
      ...[tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'],
      ...['--exclude-entrypoints', ...others],
    ]),
  ]);
  return runs
    .filter(({ ok }) => !ok)
    .map(({ output }) => output)
    .join('\n');
}
