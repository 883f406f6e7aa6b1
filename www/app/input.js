// Files as the user gives them (dropped, picked, or the sample) as checkpoints: { name, files: [{
// name, blob }] }.

/**
 * What of a folder is read; the json files say of heads, of scales, of adapters and of deltas what
 * the weights do not.
 */
const WANTED =
  /(\.safetensors|\.safetensors\.index\.json)$|(^|\/)((adapter_)?config|sparse_(update_)?manifest)\.json$/i;
/** What makes a folder a PEFT adapter. */
export const isAdapterConfig = (name) => /(^|\/)adapter_config\.json$/i.test(name);
export const SAMPLES = ['rlvr-1', 'rlvr-2', 'sft'];

const folderOf = (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
const last = (path) => path.slice(path.lastIndexOf('/') + 1);

/** A name from a file's; its kind, or none, where it is what such files are always called. */
function nameOf(file) {
  const name = file.replace(/\.safetensors$/i, '').replace(/-\d+-of-\d+$/, '');
  if (/^adapter_model$/i.test(name)) return 'adapter';
  if (/^(rank_\d+|sparse_update_patch)$/i.test(name)) return 'delta';
  return /^(model|pytorch_model|diffusion_pytorch_model|consolidated)$/i.test(name) ? '' : name;
}

/**
 * One checkpoint for each folder that holds safetensors, the shallowest first, step 9 before step
 * 10. `found`: [{ path, file }].
 */
export function checkpoints(found) {
  const folders = new Map();
  for (const { path, file } of found) {
    if (!WANTED.test(path)) continue;
    const folder = folderOf(path);
    if (!folders.has(folder)) folders.set(folder, []);
    folders.get(folder).push({ name: last(path), blob: file });
  }
  return [...folders]
    .filter(([, files]) => files.some(({ name }) => /\.safetensors$/i.test(name)))
    .sort(
      ([a], [b]) =>
        a.split('/').length - b.split('/').length || a.localeCompare(b, 'en', { numeric: true }),
    )
    .map(([folder, files]) => ({
      name: last(folder) || nameOf(files.find(({ name }) => /\.safetensors$/i.test(name)).name),
      files: files.sort((a, b) => (a.name < b.name ? -1 : 1)),
    }));
}

export const picked = (list) =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

const asFile = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** A folder is listed in batches until one comes back empty. */
async function children(directory) {
  const reader = directory.createReader();
  const all = [];
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return all;
    all.push(...batch);
  }
}

async function walk(entry, path) {
  if (entry.isFile) return [{ path, file: await asFile(entry) }];
  const inside = await children(entry);
  return (await Promise.all(inside.map((child) => walk(child, `${path}/${child.name}`)))).flat();
}

/** Everything in a drop, folders included. Entries must be taken before the event ends. */
export async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry === null)) return picked(transfer.files);
  return (await Promise.all(entries.map((entry) => walk(entry, entry.name)))).flat();
}

async function fetchFile(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} could not be loaded (status ${response.status}).`);
  // As of a file on disk: what is kept of a run is found again by it. A server that does not tell
  // starts over each time.
  const lastModified = Date.parse(response.headers.get('last-modified')) || Date.now();
  return new File([await response.blob()], path.slice(path.lastIndexOf('/') + 1), { lastModified });
}

async function sample(name) {
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
export async function samples() {
  const [base, ...tuned] = await Promise.all(['base', ...SAMPLES].map(sample));
  return { base, tuned };
}
