// Fields that a report may have, made up but consistent with each other and with the report that they are added to.

/** A tensor whose Fisher is said to be unusable. */
export const WITHOUT_FISHER = 'model.layers.0.self_attn.v_proj.weight';
export const FISHER_NOTE = 'the Fisher has a negative entry';

const sum = (values) => values.reduce((a, b) => a + b, 0);

function fisherOf({ parameters, precision, update }, i) {
  const mass = parameters * 1e-3 * (1 + (i % 3));
  const weighted = (mass / parameters) * update.frobenius_update ** 2 * (0.5 + 0.25 * (i % 4));
  const chance = 1 - precision.sparsity_bf16;
  return { kl_quadratic: weighted / 2, kl_share: null, weighted_norm: Math.sqrt(weighted), mass, mass_on_changed: chance * (1 - 0.1 * (i % 2)), chance };
}

const totals = (tensors, rollup, whole) => {
  const held = tensors.filter(({ fisher }) => fisher);
  const kl = held.length ? sum(held.map(({ fisher }) => fisher.kl_quadratic)) : null;
  return { ...rollup, kl_quadratic: kl, kl_share: kl === null ? null : kl / whole };
};

/** The report as if a diagonal Fisher had been given. */
export function withFisher(report) {
  const runs = report.runs.map((run) => {
    const tensors = run.tensors.map((tensor, i) => (tensor.name === WITHOUT_FISHER ? { ...tensor, fisher: null, fisher_note: FISHER_NOTE } : { ...tensor, fisher: fisherOf(tensor, i), fisher_note: null }));
    const whole = sum(tensors.map(({ fisher }) => fisher?.kl_quadratic ?? 0));
    for (const { fisher } of tensors) if (fisher) fisher.kl_share = fisher.kl_quadratic / whole;
    const by = (key, list) => list.map((rollup) => totals(tensors.filter((tensor) => String(tensor[key]) === rollup.key), rollup, whole));
    return { ...run, tensors, layers: by('layer', run.layers), modules: by('module', run.modules), model: totals(tensors, run.model, whole) };
  });
  return { ...report, fisher: { ...report.base, name: 'exp_avg_sq' }, runs };
}
