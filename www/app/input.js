// Files as the browser gives them, dropped or picked.
import { messageOf } from '../report/message.js';
import { fileName, isWeights } from './weights.js';

/** @import { FoundFile } from './grouping.js' */
/** @import { Found } from './sort-out.js' */

/**
 * What a script tells of the files that it gives, which have no folders else: their paths, and what
 * is there by its name alone.
 * @typedef {{ paths: string[], standIns: { path: string, problem: string }[] }} Told
 */

/**
 * The files of a picker.
 * @param {FileList} list
 * @param {Told} [told]
 * @returns {Found}
 */
export const pickedFiles = (list, told) => ({
  files: [
    ...[...list].map((file, i) => ({
      path: told?.paths[i] || file.webkitRelativePath || file.name,
      file,
    })),
    ...(told?.standIns ?? []).map(({ path, problem }) => standIn(path, problem)),
  ],
  emptyFolders: [],
});

/** @type {(entry: FileSystemFileEntry) => Promise<File>} */
const toFile = (entry) =>
  new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });

/**
 * A folder is listed in batches until one comes back empty.
 * @param {FileSystemDirectoryEntry} directory
 */
async function listEntries(directory) {
  const reader = directory.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!batch.length) return all;
    all.push(...batch);
  }
}

/**
 * What is there by its name alone, so that it is told as natively.
 * @param {string} path
 * @param {string} problem
 * @returns {FoundFile}
 */
const standIn = (path, problem) => ({
  path,
  // A time of its own: the same names are the same input after a reload.
  file: new File([], fileName(path), { lastModified: 0 }),
  problem,
});

/** @param {Found[]} parts */
const join = (parts) => ({
  files: parts.flatMap(({ files }) => files),
  emptyFolders: parts.flatMap(({ emptyFolders }) => emptyFolders),
});

/**
 * @param {FileSystemEntry} entry
 * @param {string} path
 * @returns {Promise<Found>}
 */
async function walk(entry, path) {
  // A folder that is called like a file of weights stands in its place, as natively.
  const isInside = path.includes('/');
  if (isInside && entry.isDirectory && isWeights(path))
    return { files: [standIn(path, 'it is a folder, not a file')], emptyFolders: [] };
  if (entry.isFile) {
    try {
      const file = await toFile(/** @type {FileSystemFileEntry} */ (entry));
      return { files: [{ path, file }], emptyFolders: [] };
    } catch (error) {
      if (!isInside) throw error;
      return { files: [standIn(path, messageOf(error))], emptyFolders: [] };
    }
  }
  const inside = await listEntries(/** @type {FileSystemDirectoryEntry} */ (entry));
  if (!inside.length) return { files: [], emptyFolders: [path] };
  return join(await Promise.all(inside.map((child) => walk(child, `${path}/${child.name}`))));
}

/**
 * Everything in a drop, folders included, in the order of the drop. Entries must be taken before
 * the event ends.
 * @param {DataTransfer} transfer
 * @returns {Promise<Found>}
 */
export async function droppedFiles(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.length < items.length) return pickedFiles(transfer.files);
  try {
    return join(await Promise.all(entries.map((entry) => walk(entry, entry.name))));
  } catch (error) {
    const why = messageOf(error);
    throw new Error(`The dropped files could not be read: ${why}`, { cause: error });
  }
}
