// Files as the browser gives them, dropped or picked.
import { messageOf } from '../report/message.js';

/** @import { FoundFile } from './grouping.js' */
/** @import { Found } from './sort-out.js' */

/**
 * The files of a picker.
 * @param {FileList} list
 * @returns {Found}
 */
export const pickedFiles = (list) => ({
  files: [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
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
  if (entry.isFile) {
    const file = await toFile(/** @type {FileSystemFileEntry} */ (entry));
    return { files: [{ path, file }], emptyFolders: [] };
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
