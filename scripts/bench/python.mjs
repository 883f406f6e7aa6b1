// A Python with PyTorch: the user's own by GATESCOPE_PYTHON, else one made once under .cache.
import { ask } from '../lib/run.mjs';
import { Problem } from '../lib/problem.mjs';
import { ensureVenv } from '../setup/python.mjs';

/** @returns {Promise<string>} */
export async function ensureBenchPython() {
  const own = process.env.GATESCOPE_PYTHON;
  if (!own)
    return ensureVenv({
      folder: '.cache/bench-venv',
      requirements: 'scripts/bench/requirements.txt',
      what: 'PyTorch (some gigabytes, some minutes, once)',
    });
  if (ask(own, ['-c', 'import numpy, safetensors, torch']) === null)
    throw new Problem(
      `GATESCOPE_PYTHON is set to ${own}, which lacks numpy, safetensors or torch.`,
    );
  return own;
}
