// Small reports for tests of the answer: runs of matrices whose values are set one by one.

let made = 0;

/**
 * A matrix of 100 × 50 weights at k = 4 whose every value is what a random update gives, but for
 * what is set.
 */
export function matrix({ layer = 0, module = 'q', ...set } = {}) {
  const at = {
    parameters: 5000,
    unchanged: 500,
    update: 1,
    base: 100,
    off: 0.99,
    offChance: 0.99,
    stable: 10,
    nss: 2e-3,
    angle: 1,
    angleDeviation: 0.1,
    median: 0.5,
    principal: 0.3,
    low: 0.3,
    excess: 1,
    exact: true,
    k: 4,
    shape: [100, 50],
    ...set,
  };
  const changed = at.parameters - at.unchanged;
  const size = 0.3 * at.parameters;
  const mask = (overlap) => ({
    size,
    both: overlap * changed,
    overlap,
    chance: 0.3,
    enrichment: overlap / 0.3,
  });
  return {
    name: `model.layers.${layer}.${module}_proj.${made++}.weight`,
    layer,
    module,
    shape: at.shape,
    parameters: at.parameters,
    dtype: 'BF16',
    status: 'done',
    precision: { unchanged: at.unchanged, sparsity_bf16: at.unchanged / at.parameters },
    update: {
      frobenius_update: at.update,
      frobenius_base: at.base,
      relative_update: at.update / at.base,
      stable_rank: at.stable,
      chance: { stable_rank: 10, share_top_k: 0.2 },
    },
    geometry: {
      k: at.k,
      requested_k: 4,
      exact: at.exact,
      resolved: true,
      off_principal_share: at.off,
      shares_uncertainty: 1e-7,
      nss: at.exact ? at.nss : null,
      nss_top_k: at.nss,
      nss_top_k_uncertainty: 1e-9,
      rotation_max: at.angle,
      rotation_median: at.median,
      uncertainty: 1e-5,
      spectral_excess: at.exact ? at.excess : null,
      chance: {
        both: at.offChance,
        nss: 2e-3,
        nss_top_k: 2e-3,
        rotation_max: 1,
        rotation_max_deviation: at.angleDeviation,
        rotation_median: 0.5,
        spectral_excess: 1,
      },
    },
    masks: [{ alpha: 0.3, k: at.k, changed, principal: mask(at.principal), low: mask(at.low) }],
  };
}

/** A vector: it has no geometry. */
export const vector = ({ layer = null, module = 'norm', update = 0, parameters = 100 } = {}) => ({
  name: `${module}.${made++}.weight`,
  layer,
  module,
  shape: [parameters],
  parameters,
  dtype: 'BF16',
  status: 'done',
  precision: { unchanged: 50, sparsity_bf16: 0.5 },
  update: { frobenius_update: update, frobenius_base: 1, relative_update: update },
  geometry: null,
  masks: [],
});

export function run(name, tensors, set = {}) {
  const parameters = tensors.reduce((all, tensor) => all + tensor.parameters, 0);
  return {
    checkpoint: { name },
    tensors,
    left_out: [],
    comparison: null,
    delta: null,
    model: { key: 'model', tensors: tensors.length, parameters, bit_equal: 0 },
    ...set,
  };
}

export const report = (runs, set = {}) => ({
  base: { name: 'base' },
  partial: null,
  settings: { k: 4, alphas: [0.3], eta: 1e-3, layers: null, comparison: null },
  runs,
  ...set,
});

/** Four layers of one matrix, all alike. */
export const spread = (set = {}) => [0, 1, 2, 3].map((layer) => matrix({ layer, ...set }));
