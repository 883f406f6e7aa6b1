// Reports of sparse deltas without their base: which weights the deltas list.
import { median } from './means.js';

/** @import { Report, Run, WholeReport } from './model.js' */

/**
 * Reports from before a base could be left out have one.
 * @param {{ base?: unknown } | null} report
 */
export const hasBase = (report) => report?.base !== null;

/**
 * Sets `chance` of every listed tensor: its share of changed weights if they were independent of
 * the tensor.
 * @template {Pick<Report | WholeReport, 'runs'>} T
 * @param {T} report
 * @returns {T}
 */
export function linkListed(report) {
  for (const { tensors, model } of report.runs)
    for (const { listed } of tensors) if (listed) listed.chance = model.listed?.density ?? null;
  return report;
}

/**
 * The versions that deltas without their base lead to, ascending, where their files say that each
 * follows another; null where not.
 * @param {Pick<Report, 'base' | 'runs'>} report
 */
export function findVersions(report) {
  if (hasBase(report) || report.runs.length < 2) return null;
  const layout = report.runs[0].delta?.layout;
  const targets = report.runs.flatMap(({ delta }) => {
    if (!delta || delta.layout !== layout) return [];
    const { base_version: from, target_version: to } = delta;
    return typeof from === 'number' && to === from + 1 ? [to] : [];
  });
  if (targets.length < report.runs.length) return null;
  const versions = targets.sort((a, b) => a - b);
  return versions.every((version, i) => version === versions[0] + i) ? versions : null;
}

/**
 * Dispersions along rows and columns, medians over the `count` matrices that have both; null where
 * none has.
 * @param {Pick<Run, 'tensors'>} run
 */
export function medianDispersions({ tensors }) {
  const dispersions = tensors.flatMap(({ listed }) => {
    const row = listed?.row_density?.dispersion;
    const column = listed?.column_density?.dispersion;
    return typeof row === 'number' && typeof column === 'number' ? [{ row, column }] : [];
  });
  if (!dispersions.length) return null;
  return {
    count: dispersions.length,
    row: median(dispersions.map(({ row }) => row)),
    column: median(dispersions.map(({ column }) => column)),
  };
}

/**
 * The module kind with the largest share of changed weights, and the share of all kinds as chance;
 * null without shapes.
 * @param {Pick<Run, 'modules' | 'model'>} run
 */
export function densestModule({ modules, model }) {
  const chance = model.listed?.density;
  const kinds = modules.flatMap(({ key, listed }) =>
    typeof listed?.density === 'number' ? [{ key, density: listed.density }] : [],
  );
  if (kinds.length < 2 || typeof chance !== 'number') return null;
  return { ...kinds.reduce((a, b) => (b.density > a.density ? b : a)), chance };
}
