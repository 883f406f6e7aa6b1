// Which files make a checkpoint: those of a folder, and single files by what their names tell.

import { nameApart } from './name-apart.js';

/** @import { Files } from '../engine/analyser.js' */

/** @typedef {{ path: string, file: File }} FoundFile */

/**
 * The files of a folder that are handed over: the analyser chooses those that it reads and names
 * the others. The json files tell of heads, scales, adapters and deltas what the weights do not,
 * `.metadata` of the chunks in .distcp files.
 */
const WANTED = new RegExp(
  '\\.(safetensors|bin)(\\.index\\.json)?$|\\.(pt|pth|ckpt|gguf|distcp)$' +
    '|(^|/)((adapter_)?config|sparse_(update_)?manifest)\\.json$' +
    '|(^|/)\\.metadata$',
  'i',
);
/** A shard: a rank that may stand before the rest, stem, place and how many there are. */
const SHARD = /^(?:shard-\d+-)?(.+)-(\d+)-of-(\d+)\.safetensors$/i;
/** Stems of which the analyser knows which comes first. */
const KNOWN = /^(model|pytorch_model|diffusion_pytorch_model|consolidated|adapter_model)(\.|$)/i;
/** Folders inside a checkpoint's own that hold its weights in other forms, or none. */
const INNER = /^(original|metal|onnx|gguf|huggingface|pytorch_model_fsdp_\d+|optimizer_\d+)$/i;
/** Files of one save that tell their places and not how many they are. */
const NUMBERED = /^(rank_|step_|consolidated\.)\d+\.safetensors$/i;

/**
 * The file that makes a folder a PEFT adapter.
 * @param {string} name
 */
export const isAdapterConfig = (name) => /(^|\/)adapter_config\.json$/i.test(name);
/** @param {string} name */
export const isManifest = (name) => /(^|\/)sparse_(update_)?manifest\.json$/i.test(name);
/** @param {string} name */
export const isWeights = (name) => /\.safetensors$/i.test(name);
/** @param {string} path */
export const isWanted = (path) => WANTED.test(path);

/** @param {string} path */
export const folderOf = (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
/** @param {string} path */
export const fileName = (path) => path.slice(path.lastIndexOf('/') + 1);

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
 * The sets that files with weights fall into by their names: shards of one stem and one total, and
 * each other file for itself. A name that comes twice begins a set of its own.
 * @param {string[]} names
 * @returns {number[][]} Places.
 */
export function splitSets(names) {
  /** @type {Map<string, { taken: Set<string>, places: number[] }>} */
  const sets = new Map();
  names.forEach((name, place) => {
    const [, stem, , total] = SHARD.exec(name) ?? [];
    const kind = stem ? `${stem} of ${total}` : (NUMBERED.exec(name)?.[1] ?? `file ${name}`);
    let round = 1;
    while (sets.get(`${kind} ${round}`)?.taken.has(name)) round += 1;
    const key = `${kind} ${round}`;
    const set = sets.get(key) ?? { taken: new Set(), places: [] };
    set.taken.add(name);
    set.places.push(place);
    sets.set(key, set);
  });
  return [...sets.values()].map(({ places }) => places);
}

/**
 * Sets of which a folder can hold one only: shards of different stems that tell nothing. Of others
 * the analyser chooses one.
 * @param {string[]} names
 */
const splitShards = (names) => {
  const sets = splitSets(names);
  const stems = sets.map(([first]) => SHARD.exec(names[first])?.[1] ?? null);
  const own = new Set(stems.filter((stem) => stem && !KNOWN.test(stem)));
  return own.size > 1 && own.size === sets.length ? sets : null;
};

/**
 * A set's own json files: those whose names tell.
 * @param {string} json
 * @param {string} weights
 */
function belongsTo(json, weights) {
  if (isAdapterConfig(json)) return /^adapter_model/i.test(weights);
  if (isManifest(json)) return /^(rank_\d+|sparse_update_patch)\./i.test(weights);
  const stem = /^(.+)\.safetensors\.index\.json$/i.exec(json)?.[1];
  return stem !== undefined && SHARD.exec(weights)?.[1] === stem;
}

/**
 * The checkpoints of one folder, or of single files: one, unless names say that there are more. A
 * json file of which it is not clear to which it belongs goes to all in a folder, to none of single
 * files.
 * @param {string} folder
 * @param {Files['files']} files
 * @param {boolean} asOne Whether they were given as one checkpoint.
 */
function cutFolder(folder, files, asOne) {
  const weights = files.filter(({ name }) => isWeights(name));
  if (!weights.length) return [];
  const names = weights.map(({ name }) => name);
  const sets = asOne ? null : folder ? splitShards(names) : splitSets(names);
  if (!sets || sets.length === 1)
    return [{ name: fileName(folder) || nameOf(weights[0].name), files }];
  const others = files.filter(({ name }) => !isWeights(name));
  return sets.map((places) => {
    const own = places.map((place) => weights[place]);
    const [first] = own;
    const json = others.filter(({ name }) =>
      sets.some(([place]) => belongsTo(name, names[place]))
        ? belongsTo(name, first.name)
        : folder !== '',
    );
    const name = nameOf(first.name);
    return {
      name: folder ? `${fileName(folder)}/${name || 'model'}` : name,
      files: [...json, ...own],
    };
  });
}

/**
 * Where a file belongs: to its folder, or to the one above where that one holds weights and this
 * one is its own.
 * @param {string} path
 * @param {Set<string>} holders Folders with weights.
 */
function placeFile(path, holders) {
  const folder = folderOf(path);
  const above = folderOf(folder);
  return INNER.test(fileName(folder)) && holders.has(above)
    ? { folder: above, name: path.slice(above.length + 1) }
    : { folder, name: fileName(path) };
}

/**
 * Checkpoints in the order in which they were given; within one folder the shallowest first, step 9
 * before step 10.
 * @param {FoundFile[]} found
 * @param {{ asOne?: boolean }} [options] `asOne`: single files are one checkpoint.
 * @returns {Files[]}
 */
export function groupByFolder(found, { asOne = false } = {}) {
  /** @type {Map<string, Files['files']>} */
  const folders = new Map();
  const holders = new Set(
    found.flatMap(({ path }) => (path.includes('/') && isWeights(path) ? [folderOf(path)] : [])),
  );
  /** @type {Map<string, number>} */
  const given = new Map();
  for (const { path, file } of found) {
    const top = path.split('/')[0];
    if (!given.has(top)) given.set(top, given.size);
    if (!isWanted(path)) continue;
    const { folder, name } = placeFile(path, holders);
    const files = folders.get(folder) ?? [];
    files.push({ name, blob: file });
    folders.set(folder, files);
  }
  /** @param {string} folder */
  const placeOf = (folder) => given.get(folder.split('/')[0]) ?? 0;
  const groups = [...folders]
    .flatMap(([folder, files]) =>
      cutFolder(folder, files, asOne).map((group) => ({ folder, ...group })),
    )
    .map((group) => ({
      ...group,
      place: group.folder
        ? placeOf(group.folder)
        : (given.get(group.files.at(-1)?.name ?? '') ?? 0),
    }))
    .sort(
      ({ folder: a, place: m }, { folder: b, place: n }) =>
        m - n ||
        a.split('/').length - b.split('/').length ||
        a.localeCompare(b, 'en', { numeric: true }),
    );
  const names = nameApart(groups.map(({ folder, name }) => ({ name, folder: folderOf(folder) })));
  return groups.map(({ files }, i) => ({
    name: names[i],
    files: [...files].sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
}
