// What others reported for their models, each with its source: context for a value, never a bar to
// pass. The page and docs/findings.md share these data.
import { extremes } from './means.js';

export const REPORTED = {
  /** Share unchanged in bf16, whole models, whole runs: [share, run]. */
  sparsity: {
    source: 'PNT',
    place: 'Table 1',
    RLVR: [
      [0.538, 'DS-R1-Distill-Qwen-1.5B, run 1'],
      [0.455, 'DS-R1-Distill-Qwen-1.5B, run 2'],
      [0.525, 'DS-R1-Distill-Qwen-1.5B, run 3'],
      [0.384, 'DS-R1-Distill-Qwen-1.5B, run 4'],
      [0.363, 'DS-R1-Distill-Qwen-1.5B, run 5'],
      [0.617, 'Polaris-7B'],
      [0.683, 'UniReason-14B-RL'],
      [0.695, 'Klear-8B'],
      [0.793, 'Polaris-4B'],
      [0.797, 'Qwen3-8B, DAPO'],
      [0.799, 'Qwen3-8B, GRPO'],
      [0.917, 'UloRL-30B-A3B'],
    ],
    SFT: [
      [0.028, 'Qwen-1.5B to DS-R1-Distill-Qwen-1.5B'],
      [0.006, 'Qwen3-8B-Base to Klear-SFT'],
      [0.188, 'Qwen3-14B-Base to UniReason-SFT'],
    ],
  },
  /** Share within |Δ| ≤ 1e-5: 5 to 30 % of the parameters are updated. */
  sparsity_abs: { source: 'MUK', place: 'abstract', tolerance: 1e-5, RLVR: [0.7, 0.95] },
  /** Magnitudes: `least` for SFT, `about` for RLVR. */
  nss: { source: 'OPDG', SFT: { least: 1e-3 }, RLVR: { about: 1e-5 } },
  /** Largest principal angle in degrees, one representative layer. */
  rotation: { source: 'OPDG', k: 64, SFT: { above: 10 }, RLVR: { below: 0.5 } },
  /**
   * Share of the changed weights inside a mask. PNT names no α for its masks, so that figures at an
   * α are OPDG's.
   */
  low_overlap: { source: 'OPDG', alpha: 0.3, SFT: 0.32, RLVR: 0.73 },
  principal_overlap: { source: 'OPDG', alpha: 0.3, k: 64, RLVR: { below: 0.3 } },
  /** Mean Jaccard index of the changed weights and its chance level: [observed, chance]. */
  jaccard: {
    source: 'PNT',
    place: 'block 13, five RLVR runs',
    /** @type {Record<string, [number, number]>} */
    modules: {
      q: [0.58, 0.43],
      k: [0.58, 0.413],
      v: [0.597, 0.467],
      o: [0.552, 0.373],
      gate: [0.575, 0.437],
      up: [0.578, 0.443],
      down: [0.585, 0.453],
    },
  },
};

/**
 * Spectral excess κ of whole runs, from lowest to highest. The page alone sets it beside values:
 * docs/findings.md states nothing of it.
 */
export const REPORTED_EXCESS = { source: 'ISO', RLVR: [1, 1.4], SFT: [89, 1364] };

/**
 * What “about” means where a paper gives no range: within this factor of a magnitude, and within
 * this much of a share.
 */
export const ABOUT = { times: 3, share: 0.05 };

/**
 * Lowest and highest reported share of a kind of training.
 * @param {'RLVR' | 'SFT'} kind
 */
export const sparsityRange = (kind) =>
  extremes(REPORTED.sparsity[kind].map(([share]) => Number(share)));
