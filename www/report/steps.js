// Successive checkpoints of one run: what each changed from the one before it.

/** @import { Overlap } from './model.js' */

/**
 * For each step: its checkpoint's name, how much it changed, and how much of the base had changed
 * by then.
 * @param {Pick<Overlap, 'steps' | 'runs' | 'changed' | 'parameters'>} entry
 * @param {string[]} names
 */
export const listSteps = ({ steps, runs, changed, parameters }, names) =>
  (steps ?? []).map((step, i) => ({
    name: names[runs[i]],
    changed: step.changed,
    share: step.density,
    since: parameters ? changed[i] / parameters : null,
  }));

/**
 * Densities along rows or columns as a map, a step a column of it: `densities`, and `ratios` over
 * the step's own share, which by chance are 1 everywhere (and taken for that where a step changed
 * nothing). Null for vectors.
 * @param {Pick<Overlap, 'steps'>} entry
 * @param {'row_density' | 'column_density'} field
 */
export function densityByStep({ steps }, field) {
  const profiles = (steps ?? []).flatMap(({ [field]: profile, density }) =>
    profile ? [{ ...profile, density }] : [],
  );
  if (!profiles.length || profiles.length < (steps ?? []).length) return null;
  const [{ length, values }] = profiles;
  const rows = values.length;
  const cells = Array.from({ length: rows * profiles.length }, (_, cell) => ({
    step: profiles[cell % profiles.length],
    row: Math.floor(cell / profiles.length),
  }));
  return {
    rows,
    columns: profiles.length,
    group: Math.ceil(length / rows),
    length,
    dispersions: profiles.map(({ dispersion }) => dispersion),
    densities: cells.map(({ step, row }) => step.values[row]),
    ratios: cells.map(({ step, row }) => (step.density ? step.values[row] / step.density : 1)),
  };
}
