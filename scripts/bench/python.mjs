// A Python with PyTorch: the user's own by GATESCOPE_PYTHON, else one made once under .cache.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fromRoot } from '../lib/root.mjs';
import { ask, say, show } from '../lib/run.mjs';
import { Problem } from '../lib/problem.mjs';
import { hashFiles } from '../lib/stamp.mjs';

const REQUIREMENTS = 'scripts/bench/requirements.txt';

export async function benchPython() {
  const own = process.env.GATESCOPE_PYTHON;
  if (own) {
    if (ask(own, ['-c', 'import numpy, safetensors, torch']) === null) {
      throw new Problem(
        `GATESCOPE_PYTHON is set to ${own}, which lacks numpy, safetensors or torch.`,
      );
    }
    return own;
  }
  const venv = fromRoot('.cache', 'bench-venv');
  const python = fromRoot(
    '.cache',
    'bench-venv',
    process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
  );
  const stampFile = fromRoot('.cache', 'bench-venv', 'requirements.sha256');
  const stamp = hashFiles([fromRoot(REQUIREMENTS)]);
  if (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp &&
    ask(python, ['--version'])
  )
    return python;

  say('installing PyTorch into .cache/bench-venv: some gigabytes, some minutes, once');
  rmSync(venv, { recursive: true, force: true });
  await show(
    'the Python environment could not be made (on Debian it needs python3-venv)',
    'python3',
    ['-m', 'venv', venv],
    { quiet: true },
  );
  await show(
    'PyTorch could not be installed',
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS],
    { quiet: true },
  );
  writeFileSync(stampFile, stamp);
  return python;
}
