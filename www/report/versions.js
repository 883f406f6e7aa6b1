// How a report of an older version of the format becomes one of this version.

/**
 * Fields that version 2 names differently, by their paths in version 1 with `*` for each index.
 * @type {Map<string, string>}
 */
export const RENAMED_IN_2 = new Map([
  ['backend.reason', 'backend.detail'],
  ['settings.span', 'settings.comparison'],
  ['runs.*.span', 'runs.*.comparison'],
  ['runs.*.delta.base_step', 'runs.*.delta.base_version'],
  ['runs.*.delta.target_step', 'runs.*.delta.target_version'],
]);

/**
 * Every object or list that a path leads to, with `*` for each index.
 * @param {any} value
 * @param {string[]} way
 * @returns {any[]}
 */
function findParents(value, [step, ...rest]) {
  if (typeof value !== 'object' || value === null) return [];
  if (step === undefined) return [value];
  const next = step === '*' && Array.isArray(value) ? value : [value[step]];
  return next.flatMap((inner) => findParents(inner, rest));
}

/**
 * Renames the fields of a report of version 1 to those of version 2, in place. Nothing else
 * differs.
 * @param {any} report
 */
export function liftFrom1(report) {
  for (const [before, after] of RENAMED_IN_2) {
    const way = before.split('.');
    const name = way[way.length - 1];
    for (const parent of findParents(report, way.slice(0, -1))) {
      if (!(name in parent)) continue;
      parent[after.slice(after.lastIndexOf('.') + 1)] = parent[name];
      delete parent[name];
    }
  }
  report.version = 2;
}
