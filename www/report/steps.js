// Checkpoints that are saves of one run: what each changed from the one before it. Pure, so that it
// is tested without a page.

/**
 * For each step: its checkpoint's name, how much it changed, and how much of the base had changed
 * by then.
 */
export const stepsOf = ({ steps, runs, changed, parameters }, names) =>
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
 */
export function densityByStep({ steps }, field) {
  if (!steps?.length || steps.some((step) => !step[field])) return null;
  const [
    {
      [field]: {
        length,
        values: { length: rows },
      },
    },
  ] = steps;
  const cells = Array.from({ length: rows * steps.length }, (_, cell) => [
    steps[cell % steps.length],
    Math.floor(cell / steps.length),
  ]);
  return {
    rows,
    columns: steps.length,
    group: Math.ceil(length / rows),
    length,
    dispersions: steps.map((step) => step[field].dispersion),
    densities: cells.map(([step, row]) => step[field].values[row]),
    ratios: cells.map(([step, row]) => (step.density ? step[field].values[row] / step.density : 1)),
  };
}
