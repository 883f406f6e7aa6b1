// Reports of sparse deltas without their base: which weights the deltas list. Pure, so that it is
// tested without a page.
import { median } from './means.js';

/** Reports from before a base could be left out have one. */
export const hasBase = (report) => report?.base !== null;

/** Not all layouts tell the shapes, by which a count becomes a share. */
export const hasDensity = (report) =>
  Boolean(
    report?.runs.some(({ tensors }) => tensors.some(({ listed }) => listed?.density != null)),
  );

/**
 * Sets `chance` of every listed tensor: its share of changed weights, were they independent of the
 * tensor.
 */
export function linkListed(report) {
  for (const { tensors, model } of report.runs)
    for (const { listed } of tensors) if (listed) listed.chance = model.listed?.density ?? null;
  return report;
}

/**
 * The versions that deltas without their base lead to, ascending, where their files say that each
 * follows another; null where not.
 */
export function stepsInARow(report) {
  if (hasBase(report) || report.runs.length < 2) return null;
  const held = report.runs.map(({ delta }) => delta);
  if (
    held.some(
      (one) =>
        one?.base_step == null ||
        one.target_step !== one.base_step + 1 ||
        one.layout !== held[0].layout,
    )
  )
    return null;
  const steps = held.map(({ target_step: step }) => step).sort((a, b) => a - b);
  return steps.every((step, i) => step === steps[0] + i) ? steps : null;
}

/**
 * Dispersions along rows and columns, medians over the `count` matrices that have both; null where
 * none has.
 */
export function stripesOf({ tensors }) {
  const held = tensors
    .map(({ listed }) => listed)
    .filter(
      (one) => one?.row_density?.dispersion != null && one.column_density?.dispersion != null,
    );
  if (!held.length) return null;
  return {
    count: held.length,
    row: median(held.map((one) => one.row_density.dispersion)),
    column: median(held.map((one) => one.column_density.dispersion)),
  };
}

/**
 * The module kind with the largest share of changed weights, beside that of all: { key, density,
 * chance }; null without shapes.
 */
export function densestOf({ modules, model }) {
  const held = modules.filter(({ listed }) => listed?.density != null);
  if (held.length < 2 || model.listed?.density == null) return null;
  const {
    key,
    listed: { density },
  } = held.reduce((a, b) => (b.listed.density > a.listed.density ? b : a));
  return { key, density, chance: model.listed.density };
}
