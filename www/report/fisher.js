// Figures weighted by a diagonal Fisher F of the base, and what they would be were the update
// independent of F. Pure, so that it is tested without a page.

export const hasFisher = (report) => Boolean(report?.fisher);

const sum = (values) => values.reduce((a, b) => a + b, 0);

/**
 * Sets `weights_share` of every tensor with Fisher figures: its share of the weights of all such
 * tensors of the run.
 */
export function linkFisher(report) {
  for (const { tensors } of report.runs) {
    const held = tensors.filter(({ fisher }) => fisher);
    const weights = sum(held.map(({ parameters }) => parameters));
    for (const { fisher, parameters } of held) fisher.weights_share = parameters / weights;
  }
  return report;
}

/** Σ F·Δ² to expect where the same Δ² meet the same F in any order: the mean of F times ‖Δ‖². */
function independentSum({ fisher, update, parameters }) {
  if (!fisher || update?.frobenius_update == null || !parameters) return null;
  return (fisher.mass / parameters) * update.frobenius_update ** 2;
}

export function klByChance(tensor) {
  const held = independentSum(tensor);
  return held === null ? null : held / 2;
}

export function normByChance(tensor) {
  const held = independentSum(tensor);
  return held === null ? null : Math.sqrt(held);
}

/**
 * Observed over chance: above 1, the update prefers weights of a large Fisher; null where chance is
 * 0.
 */
export function klEnrichment(tensor) {
  const chance = klByChance(tensor);
  return chance ? tensor.fisher.kl_quadratic / chance : null;
}

/**
 * Of a whole run: sums over its tensors with figures, and where most of the KL estimate comes from.
 * Null without any.
 */
export function modelFisher({ tensors, modules = [] }) {
  const held = tensors.filter(({ fisher }) => fisher);
  if (!held.length) return null;
  const mass = sum(held.map(({ fisher }) => fisher.mass));
  const ofMass = (field) =>
    mass > 0 ? sum(held.map(({ fisher }) => fisher.mass * (fisher[field] ?? 0))) / mass : null;
  const chances = held.map(klByChance);
  const weights = sum(held.map(({ parameters }) => parameters));
  const known = modules
    .filter(({ kl_share: share }) => share != null)
    .map((one) => ({
      ...one,
      weights_share:
        sum(held.filter(({ module }) => module === one.key).map(({ parameters }) => parameters)) /
        weights,
    }));
  return {
    tensors: held.length,
    kl: sum(held.map(({ fisher }) => fisher.kl_quadratic)),
    klChance: chances.includes(null) ? null : sum(chances),
    massOnChanged: ofMass('mass_on_changed'),
    massChance: ofMass('chance'),
    largest: known.length ? known.reduce((a, b) => (b.kl_share > a.kl_share ? b : a)) : null,
  };
}
