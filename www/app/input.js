// Files as the user gives them (dropped, picked, or the sample) as checkpoints.

/** @import { Files } from '../engine/analyser.js' */

/** @typedef {{ path: string, file: File }} FoundFile */

/**
 * The files of a folder that are read; the json files tell of heads, scales, adapters and deltas
 * what the weights do not.
 */
const WANTED = new RegExp(
  '\\.safetensors(\\.index\\.json)?$' +
    '|(^|/)((adapter_)?config|sparse_(update_)?manifest)\\.json$',
  'i',
);
/**
 * The file that makes a folder a PEFT adapter.
 * @param {string} name
 */
export const isAdapterConfig = (name) => /(^|\/)adapter_config\.json$/i.test(name);
export const SAMPLES = ['rlvr-1', 'rlvr-2', 'sft'];

/** @param {string} path */
const folderOf = (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
/** @param {string} path */
const fileName = (path) => path.slice(path.lastIndexOf('/') + 1);

/**
 * A checkpoint's name from its file's; its kind, or none, where such files are always called so.
 * @param {string} file
 */
function nameOf(file) {
  const name = file.replace(/\.safetensors$/i, '').replace(/-\d+-of-\d+$/, '');
  if (/^adapter_model$/i.test(name)) return 'adapter';
  if (/^(rank_\d+|sparse_update_patch)$/i.test(name)) return 'delta';
  return /^(model|pytorch_model|diffusion_pytorch_model|consolidated)$/i.test(name) ? '' : name;
}

/**
 * One checkpoint for each folder that holds safetensors, the shallowest first, step 9 before step
 * 10.
 * @param {FoundFile[]} found
 * @returns {Files[]}
 */
export function groupByFolder(found) {
  /** @type {Map<string, Files['files']>} */
  const folders = new Map();
  for (const { path, file } of found) {
    if (!WANTED.test(path)) continue;
    const files = folders.get(folderOf(path)) ?? [];
    files.push({ name: fileName(path), blob: file });
    folders.set(folderOf(path), files);
  }
  return [...folders]
    .flatMap(([folder, files]) => {
      const weights = files.find(({ name }) => /\.safetensors$/i.test(name));
      return weights ? [{ folder, files, weights }] : [];
    })
    .sort(
      ({ folder: a }, { folder: b }) =>
        a.split('/').length - b.split('/').length || a.localeCompare(b, 'en', { numeric: true }),
    )
    .map(({ folder, files, weights }) => ({
      name: fileName(folder) || nameOf(weights.name),
      files: files.sort((a, b) => (a.name < b.name ? -1 : 1)),
    }));
}

/**
 * The files of a picker.
 * @param {FileList} list
 * @returns {FoundFile[]}
 */
export const pickedFiles = (list) =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

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
 * @param {FileSystemEntry} entry
 * @param {string} path
 * @returns {Promise<FoundFile[]>}
 */
async function walk(entry, path) {
  if (entry.isFile)
    return [{ path, file: await toFile(/** @type {FileSystemFileEntry} */ (entry)) }];
  const inside = await listEntries(/** @type {FileSystemDirectoryEntry} */ (entry));
  return (await Promise.all(inside.map((child) => walk(child, `${path}/${child.name}`)))).flat();
}

/**
 * Everything in a drop, folders included. Entries must be taken before the event ends.
 * @param {DataTransfer} transfer
 */
export async function droppedFiles(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.length < items.length) return pickedFiles(transfer.files);
  return (await Promise.all(entries.map((entry) => walk(entry, entry.name)))).flat();
}

/** @param {string} path */
async function fetchFile(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} could not be loaded (status ${response.status}).`);
  // As for a file on disk: what is kept of a run is found again by it. Where a server does not
  // tell, each run starts over.
  const lastModified = Date.parse(response.headers.get('last-modified') ?? '') || Date.now();
  return new File([await response.blob()], path.slice(path.lastIndexOf('/') + 1), { lastModified });
}

/**
 * @param {string} name
 * @returns {Promise<Files>}
 */
async function loadSample(name) {
  const folder = `./samples/${name}`;
  const indexName = 'model.safetensors.index.json';
  const index = await fetchFile(`${folder}/${indexName}`);
  const shards = [...new Set(Object.values(JSON.parse(await index.text()).weight_map))].sort();
  const files = [
    index,
    ...(await Promise.all(
      ['config.json', ...shards].map((file) => fetchFile(`${folder}/${file}`)),
    )),
  ];
  return { name, files: files.map((blob) => ({ name: blob.name, blob })) };
}

/** The base and the tuned checkpoints that come with the page. */
export async function loadSamples() {
  const [base, ...tuned] = await Promise.all(['base', ...SAMPLES].map(loadSample));
  return { base, tuned };
}
