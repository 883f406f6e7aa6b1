// What `analyze` is given, in the form that the engine takes.
import { GatescopeError } from './errors.js';

/** @import { Files, Input } from '../engine/analyser.js' */
/** @import { AnalyzeOptions, Checkpoint } from './events.d.ts' */

/** @param {string} message */
const refuse = (message) => new GatescopeError('argument', message);

/**
 * @param {unknown} file
 * @param {string} where
 * @returns {Files['files'][number]}
 */
function readFile(file, where) {
  if (file instanceof File) return { name: file.name, blob: file };
  const { name, blob } = /** @type {{ name?: unknown, blob?: unknown }} */ (file ?? {});
  if (typeof name === 'string' && name && blob instanceof Blob)
    return { name, blob: /** @type {File} */ (blob) };
  throw refuse(`${where}: each file has to be a File, or { name, blob } with a Blob.`);
}

/**
 * The name of the folder that the files were picked from, where they were.
 * @param {readonly unknown[]} files
 */
const folderOf = ([first]) =>
  first instanceof File ? (first.webkitRelativePath?.split('/').at(-2) ?? '') : '';

/**
 * @param {unknown} given
 * @param {string} where what it is to be, which names it where nothing else does
 * @returns {Files}
 */
function readCheckpoint(given, where) {
  const { name = '', files } = Array.isArray(given)
    ? { files: given }
    : /** @type {{ name?: string, files?: unknown }} */ (given ?? {});
  if (!Array.isArray(files) || !files.length)
    throw refuse(`${where}: a list of files is needed, or { name, files }.`);
  return {
    name: name || folderOf(files) || where,
    files: files.map((file) => readFile(file, where)),
  };
}

/**
 * A list of files is one checkpoint, not as many as it has files.
 * @param {unknown} tuned
 * @returns {unknown[]}
 */
function listTuned(tuned) {
  if (!Array.isArray(tuned)) return [tuned];
  const isFile = (/** @type {any} */ one) => one instanceof Blob || one?.blob instanceof Blob;
  return tuned.some(isFile) ? [tuned] : tuned;
}

/**
 * @param {Pick<AnalyzeOptions, 'base' | 'tuned' | 'fisher'>} given
 * @returns {Input}
 */
export function readInput({ base = null, tuned, fisher = null }) {
  const several = listTuned(tuned);
  if (!several.length) throw refuse('tuned: at least one checkpoint is needed.');
  const runs = several.map((one, i) => readCheckpoint(one, i ? `tuned ${i + 1}` : 'tuned'));
  const names = runs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw refuse(`tuned: two checkpoints are called ${twice}.`);
  return {
    base: base && readCheckpoint(base, 'base'),
    tuned: runs,
    ...(fisher && { fisher: readCheckpoint(fisher, 'fisher') }),
  };
}
