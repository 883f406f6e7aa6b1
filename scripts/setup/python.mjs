// Virtual environments, each made from a file of requirements and made again when that changes.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashFiles } from '../lib/stamp.mjs';
import { once } from '../lib/promises.mjs';
import { fromRoot } from '../lib/root.mjs';
import { ask, say, show, which } from '../lib/run.mjs';
import { installPackages } from './apt.mjs';

const onWindows = process.platform === 'win32';

/**
 * Path of a program in an environment, which need not be there yet.
 *
 * @param {string} folder of the environment, from the repository's root
 * @param {string} program
 */
const programIn = (folder, program) =>
  fromRoot(folder, onWindows ? `Scripts/${program}.exe` : `bin/${program}`);

async function ensureVenvModule() {
  if (!which('python3'))
    await installPackages(['python3', 'python3-venv'], 'python3 was not found.');
  // Debian ships the venv module without what it needs to put pip into an environment.
  if (ask('python3', ['-c', 'import ensurepip, venv']) === null) {
    await installPackages(['python3-venv'], 'this python3 cannot make virtual environments.');
  }
}

/**
 * The Python of an environment that has all of `requirements`; it is made first where it does not.
 *
 * @param {object} environment
 * @param {string} environment.folder from the repository's root
 * @param {string} environment.requirements a pip requirements file, from the repository's root
 * @param {string} environment.what is installed, for the line that announces it
 */
export async function ensureVenv({ folder, requirements, what }) {
  const python = programIn(folder, 'python');
  const stampFile = fromRoot(folder, 'gatescope-requirements.sha256');
  const stamp = hashFiles([fromRoot(requirements)]);
  const current = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  // A system upgrade can leave the environment's own interpreter dangling.
  if (current && ask(python, ['--version'])) return python;

  await ensureVenvModule();
  say(`installing ${what} into ${folder}`);
  rmSync(fromRoot(folder), { recursive: true, force: true });
  await show(
    'the Python environment could not be made',
    'python3',
    ['-m', 'venv', fromRoot(folder)],
    { quiet: true },
  );
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await show(`${what} could not be installed`, python, [...install, '-r', requirements], {
    quiet: true,
  });
  writeFileSync(stampFile, stamp);
  return python;
}

/** A Python that has everything in tests/reference/requirements.txt. */
export const ensureReferencePython = once(() =>
  ensureVenv({
    folder: '.venv',
    requirements: 'tests/reference/requirements.txt',
    what: 'the Python packages of tests/reference',
  }),
);

const CHECK_FOLDER = path.posix.join('.tools', 'check');

/** The programs of scripts/check/requirements.txt. */
export const ensureCheckPrograms = once(() =>
  ensureVenv({
    folder: CHECK_FOLDER,
    requirements: 'scripts/check/requirements.txt',
    what: 'ruff and typos',
  }),
);

/**
 * Path of one of the programs that `ensureCheckPrograms` installs.
 *
 * @param {string} name
 */
export const checkProgram = (name) => programIn(CHECK_FOLDER, name);
