// What several runs of one base share: the entries of a report, and what follows from their
// figures. Pure, so that it is tested without a page.
import { mean } from './means.js';
import { REPORTED } from './reported.js';

/**
 * The model has no name; reports of one run, and those from before there were overlaps, have no
 * entries.
 */
export const modelOverlap = (report) => report?.overlaps?.find(({ name }) => name === null) ?? null;
export const hasOverlaps = (report) => Boolean(report?.overlaps?.length);

/** Without the shapes there are no densities, by which chance levels go. */
export const hasOverlapChance = (report) =>
  hasOverlaps(report) && report.overlaps.some(({ mean_jaccard_chance: level }) => level != null);

/** Sets `overlap` of every tensor of every run, so that metrics find it like any other figure. */
export function linkOverlaps(report) {
  const byName = new Map((report.overlaps ?? []).map((entry) => [entry.name, entry]));
  for (const run of report.runs)
    for (const tensor of run.tensors) tensor.overlap = byName.get(tensor.name) ?? null;
  return report;
}

/** Over pairs of different runs. */
export const pairMean = (table) =>
  mean((table ?? []).flatMap((row, a) => row.filter((_, b) => a !== b)));

/**
 * Whether the updates have a direction: deltas without their base tell which weights changed, not
 * how.
 */
export const hasDirection = ({ dot }) => dot?.[0]?.[0] != null;

/** Standard deviation of the cosine of two updates with N independent entries, around 0. */
export const cosineSpread = (entry) => (entry?.parameters ? 1 / Math.sqrt(entry.parameters) : null);

/** Observed less chance; undefined where either is. */
export const excess = (observed, chance) =>
  observed === null || chance === null || observed === undefined || chance === undefined
    ? null
    : observed - chance;

/**
 * |A ∩ B|/|A| to expect of independent runs. The expected |A ∩ B| is taken from the chance level of
 * the Jaccard index, which for the model keeps each tensor's own densities.
 */
export function oneSidedChance({ jaccard_chance: chance, changed }, a, b) {
  if (!changed[a] || chance[a][b] === null) return null;
  return (chance[a][b] * (changed[a] + changed[b])) / (1 + chance[a][b]) / changed[a];
}

/** Weights that any of the runs changed. */
export const changedByAny = ({ exactly }) => exactly.slice(1).reduce((a, b) => a + b, 0);

/**
 * For r = 0 … R: the share of the weights that exactly r runs changed, and what independent runs
 * would give; null without a shape.
 */
export const consensus = ({ exactly, exactly_chance: chance, parameters }) =>
  exactly.map((weights, runs) => ({
    runs,
    weights,
    observed: parameters ? weights / parameters : null,
    chance: chance?.[runs] ?? null,
  }));

/**
 * Mean Jaccard of this report's matrices per module kind that PNT reports, with both chance levels.
 */
export function besideReported(tensors) {
  return Object.entries(REPORTED.jaccard.modules).flatMap(
    ([module, [reported, reportedChance]]) => {
      const held = tensors
        .filter(
          (tensor) =>
            tensor.module === module &&
            tensor.shape.length === 2 &&
            tensor.overlap?.mean_jaccard != null,
        )
        .map(({ overlap }) => overlap);
      if (!held.length) return [];
      return [
        {
          module,
          observed: mean(held.map((one) => one.mean_jaccard)),
          chance: mean(held.map((one) => one.mean_jaccard_chance)),
          reported,
          reportedChance,
        },
      ];
    },
  );
}
