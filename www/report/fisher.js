// Values weighted by a diagonal Fisher F of the base, and what they would be if the update were
// independent of F.
import { sum } from './means.js';

/** @import { Fisher, Report, Run, Tensor, WholeReport } from './model.js' */

/**
 * The tensors that have values weighted by the Fisher.
 * @param {Tensor[]} tensors
 */
const weightedTensors = (tensors) =>
  tensors.flatMap((tensor) => (tensor.fisher ? [{ ...tensor, fisher: tensor.fisher }] : []));

/**
 * Sets `weights_share` of every such tensor: its share of the weights of all of them in the run.
 * @template {Pick<Report | WholeReport, 'runs'>} T
 * @param {T} report
 * @returns {T}
 */
export function linkFisher(report) {
  for (const { tensors } of report.runs) {
    let weights = 0;
    for (const { fisher, parameters } of tensors) if (fisher) weights += parameters;
    for (const { fisher, parameters } of tensors)
      if (fisher) fisher.weights_share = parameters / weights;
  }
  return report;
}

/** @typedef {Pick<Tensor, 'fisher' | 'update' | 'parameters'>} Weighted */

/**
 * Σ F·Δ² to expect where the same Δ² meet the same F in any order: the mean of F times ‖Δ‖².
 * @param {Weighted} tensor
 */
function independentSum({ fisher, update, parameters }) {
  if (!fisher || !update || update.frobenius_update == null || !parameters) return null;
  return (fisher.mass / parameters) * update.frobenius_update ** 2;
}

/** @param {Weighted} tensor */
export function klByChance(tensor) {
  const expected = independentSum(tensor);
  return expected === null ? null : expected / 2;
}

/** @param {Weighted} tensor */
export function normByChance(tensor) {
  const expected = independentSum(tensor);
  return expected === null ? null : Math.sqrt(expected);
}

/**
 * Observed over chance: above 1, the update prefers weights of a large Fisher. Null where chance
 * is 0.
 * @param {Weighted} tensor
 */
export function klEnrichment(tensor) {
  const chance = klByChance(tensor);
  return chance && tensor.fisher ? tensor.fisher.kl_quadratic / chance : null;
}

/**
 * Sums over the tensors of a run that have a Fisher, and the module kind that most of the KL
 * estimate comes from. Null without any.
 * @param {Pick<Run, 'tensors' | 'modules'>} run
 */
export function summarizeFisher({ tensors, modules = [] }) {
  const weighted = weightedTensors(tensors);
  if (!weighted.length) return null;
  const mass = sum(weighted.map(({ fisher }) => fisher.mass));
  /** @param {(fisher: Fisher) => number | null | undefined} share */
  const weightedByMass = (share) =>
    mass > 0 ? sum(weighted.map(({ fisher }) => fisher.mass * (share(fisher) ?? 0))) / mass : null;
  const chances = weighted.map(klByChance).filter((chance) => chance !== null);
  /** @param {typeof weighted} some */
  const weightsOf = (some) => sum(some.map(({ parameters }) => parameters));
  const kinds = modules.flatMap(({ key, kl_share: share }) =>
    share === null || share === undefined
      ? []
      : [
          {
            key,
            kl_share: share,
            weights_share:
              weightsOf(weighted.filter(({ module }) => module === key)) / weightsOf(weighted),
          },
        ],
  );
  return {
    tensors: weighted.length,
    kl: sum(weighted.map(({ fisher }) => fisher.kl_quadratic)),
    klChance: chances.length < weighted.length ? null : sum(chances),
    massOnChanged: weightedByMass(({ mass_on_changed: share }) => share),
    massChance: weightedByMass(({ chance }) => chance),
    largest: kinds.length ? kinds.reduce((a, b) => (b.kl_share > a.kl_share ? b : a)) : null,
  };
}
