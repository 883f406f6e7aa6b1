// How the samples are analysed for the findings, as options of `npm run analyze`.

export const RUNS = ['rlvr-1', 'rlvr-2', 'sft'];
export const ALPHAS = [0.3, 0.1];
/**
 * k = 64 of matrices this small is no longer a small subspace. The CPU's figures are the most alike
 * between machines.
 */
export const SETTINGS = [
  '--base',
  'samples/base',
  '--tuned',
  ...RUNS.map((name) => `samples/${name}`),
  '--k',
  '16',
  '--alpha',
  ALPHAS.join(','),
  '--backend',
  'cpu',
];
