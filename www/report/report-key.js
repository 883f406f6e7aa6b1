// What tells a report from all others, in a few letters: its address carries them.

/** @import { Report } from './model.js' */

/**
 * The same for the same report, opened again or read from another file.
 * @param {Report} report
 */
export function keyOf({ base, runs, settings, created }) {
  const names = runs.map(({ checkpoint }) => checkpoint.name);
  const text = JSON.stringify([created, base?.name, names, settings.k]);
  // FNV-1a: nothing is hidden by it, it only has to differ.
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1)
    sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return sum.toString(36);
}
