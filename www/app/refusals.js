// What the page alone can tell of files that cannot be used, each in one line. What is wrong with a
// file of weights the analyser says.
import { enumerate } from '../report/format.js';

/** @param {string} name */
const quote = (name) => `“${name}”`;

/** A revision of a Hub cache, whose files are links. @param {string} folder */
const isSnapshot = (folder) => /(^|\/)(snapshots(\/[^/]+)?|[0-9a-f]{40})$/.test(folder);

/** @param {string} folder */
export const explainEmptyFolder = (folder) =>
  isSnapshot(folder)
    ? `${quote(folder.split('/').slice(-2).join('/'))}: its files are links, and browsers do not ` +
      'follow links in folders. Select the files inside it, or drop the whole folder models--….'
    : `${quote(folder)} is empty, or holds only links, which browsers do not follow in folders. ` +
      'Select the files inside it instead.';

/**
 * @param {string} name
 * @param {number} revisions
 */
export const explainRevisions = (name, revisions) =>
  `The cache of ${quote(name)} holds the same tensors more than once` +
  `${revisions > 1 ? ` (${revisions} revisions)` : ''}, and its files have no names. Select the ` +
  'files inside snapshots/<revision> instead.';

/**
 * @param {string} name
 * @param {number} files
 */
export const explainBlobs = (name, files) =>
  `The cache of ${quote(name)} holds ${files} files of weights that are no safetensors, and they ` +
  'have no names. Select the files inside snapshots/<revision> instead.';

/** @param {string[]} names Those of checkpoints that one row was given. */
export const explainSeveral = (names) =>
  `${names.length} checkpoints were given: each is a run of its own ` +
  `(${enumerate(names.map((name) => name || 'one without a name'))}).`;

/** @param {string[][]} sets The names of files that cannot be of one checkpoint. */
export const warnOfSets = (sets) =>
  `Used as one checkpoint because they were given together: ` +
  `${enumerate(sets.map((names) => quote(names[0])))} look like ${sets.length}.`;
