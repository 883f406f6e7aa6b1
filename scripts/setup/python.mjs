// A virtual environment for the float64 references, made again when their requirements change.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hashFiles } from '../lib/stamp.mjs';
import { fromRoot } from '../lib/root.mjs';
import { ask, say, show, which } from '../lib/run.mjs';
import { installPackages } from './apt.mjs';

const REQUIREMENTS = 'tests/reference/requirements.txt';
const venv = fromRoot('.venv');
const python = fromRoot(
  '.venv',
  process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
);
const stampFile = fromRoot('.venv', 'gatescope-requirements.sha256');

/** Path of a Python that has everything in tests/reference/requirements.txt. */
export async function ensurePython() {
  const stamp = hashFiles([fromRoot(REQUIREMENTS)]);
  const current = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  // A system upgrade can leave the environment's own interpreter dangling.
  if (current && ask(python, ['--version'])) return python;

  if (!which('python3'))
    await installPackages(['python3', 'python3-venv'], 'python3 was not found.');
  // Debian ships the venv module without what it needs to put pip into an environment.
  if (ask('python3', ['-c', 'import ensurepip, venv']) === null) {
    await installPackages(['python3-venv'], 'this python3 cannot make virtual environments.');
  }
  say('installing the Python packages of tests/reference');
  rmSync(venv, { recursive: true, force: true });
  await show('the Python environment could not be made', 'python3', ['-m', 'venv', venv], {
    quiet: true,
  });
  await show(
    'the Python packages could not be installed',
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS],
    { quiet: true },
  );
  writeFileSync(stampFile, stamp);
  return python;
}
