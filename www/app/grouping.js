// Which files make a checkpoint: those of a folder, and single files by what their names tell.

import { nameApart } from './name-apart.js';
import { fileName, isSafetensors, isWeights } from './weights.js';

/** @import { Files } from '../engine/analyser.js' */

/**
 * `problem`: why it cannot be read, where it is there by its name alone.
 * @typedef {{ path: string, file: File, problem?: string }} FoundFile
 */

/**
 * Files beside the weights that are handed over: the analyser chooses those that it reads, and
 * names those that hold the same weights in formats which it does not read. The json files tell of
 * heads, scales, adapters and deltas what the weights do not, `.metadata` of the chunks in .distcp
 * files.
 */
const BESIDE = new RegExp(
  '\\.(safetensors|bin)\\.index\\.json$|(^|/)\\.metadata$' +
    '|(^|/)((adapter_)?config|sparse_(update_)?manifest)\\.json$' +
    '|\\.(h5|msgpack|onnx)$|(^|/)(bf16_)?zero_pp_rank_[^/]*\\.pt$',
  'i',
);
/** A shard: a rank that may stand before the rest, stem, place and how many there are. */
const SHARD = /^(?:shard-\d+-)?(.+)-(\d+)-of-(\d+)\.(safetensors|bin|pt|pth|gguf)$/i;
/** Stems of which the analyser knows which comes first. */
const KNOWN = /^(model|pytorch_model|diffusion_pytorch_model|consolidated|adapter_model)(\.|$)/i;
/** Folders inside a checkpoint's own that hold its weights in other forms, or none. */
const INNER = /^(original|metal|onnx|gguf|huggingface|pytorch_model_fsdp(_\d+)?|optim.*)$/i;
/** Folders of shards alone, whose configuration is in the folder above. */
const SHARDS_ALONE = /^pytorch_model_fsdp(_\d+)?$/i;
/** How deep a checkpoint's own folders are listed, as natively. */
const DEEPEST_OWN = 2;
/** Files of one save that tell their places and not how many they are, or how many in all. */
const NUMBERED = [
  /^(rank_|step_|consolidated\.)\d+\.(safetensors|pth|pt|bin)$/i,
  /^(model_world_size_\d+_rank_)\d+\.pt$/i,
  /(\.distcp)$/i,
];

/**
 * The file that makes a folder a PEFT adapter.
 * @param {string} name
 */
export const isAdapterConfig = (name) => /(^|\/)adapter_config\.json$/i.test(name);
/** @param {string} name */
export const isManifest = (name) => /(^|\/)sparse_(update_)?manifest\.json$/i.test(name);
/** @param {string} path */
export const isWanted = (path) => isWeights(path) || BESIDE.test(path);

/** @param {string} path */
export const folderOf = (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

/** Names that files of any checkpoint have. */
const NO_NAME =
  /^((diffusion_)?(pytorch_)?model|model_world_size_\d+_rank_\d+|consolidated(\.\d+)?|__\d+_\d+)$/i;

/**
 * A checkpoint's name from its file's; its kind, or none, where such files are always called so.
 * @param {string} file
 */
function nameOf(file) {
  const name = file.replace(/\.[a-z0-9]+$/i, '').replace(/-\d+-of-\d+$/, '');
  if (/^adapter_model$/i.test(name)) return 'adapter';
  if (/^(rank_\d+|sparse_update_patch)$/i.test(name)) return 'delta';
  return NO_NAME.test(name) ? '' : name;
}

/** @param {string} name */
const numberedKind = (name) =>
  NUMBERED.map((pattern) => pattern.exec(name)?.[1]).find((kind) => kind !== undefined);

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
    const [, stem, , total, ending] = SHARD.exec(name) ?? [];
    const kind = stem ? `${stem} of ${total} ${ending}` : (numberedKind(name) ?? `file ${name}`);
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
  if (/^\.metadata$/.test(json)) return /\.distcp$/i.test(weights);
  if (isManifest(json)) return /^(rank_\d+|sparse_update_patch)\./i.test(weights);
  const stem = /^(.+)\.(safetensors|bin)\.index\.json$/i.exec(json)?.[1];
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

/** @param {string} folder Whether it is one that its checkpoint is not looked for in. */
const isState = (folder) => /^optim/i.test(fileName(folder));

/**
 * Where a file belongs: to its folder, or to one above that holds weights where this one is its
 * own. Natively all folders inside such a one are; where it is not clear what a drop holds, those
 * with safetensors are checkpoints.
 * @param {string} path
 * @param {Holders} holders
 * @param {boolean} asOne
 */
function placeFile(path, holders, asOne) {
  const folder = folderOf(path);
  let place = folder;
  for (let depth = 0, at = folder; depth < DEEPEST_OWN && at; depth += 1) {
    const above = folderOf(at);
    const isOwn = asOne || INNER.test(fileName(at)) || !holders.safetensors.has(at);
    if (above && isOwn && holders.weights.has(above)) place = above;
    at = above;
  }
  return { folder: place, name: path.slice(place ? place.length + 1 : 0) };
}

/** A path below a folder that is a program's own. @param {string} path */
const isHidden = (path) =>
  path
    .split('/')
    .slice(1, -1)
    .some((part) => part.startsWith('.'));

/**
 * Folders with weights: of any kind, with those that have them in folders of shards alone; and of
 * safetensors.
 * @typedef {{ weights: Set<string>, safetensors: Set<string> }} Holders
 */

/**
 * @param {FoundFile[]} found
 * @returns {Holders}
 */
function findHolders(found) {
  const inFolders = found.filter(({ path }) => path.includes('/') && isWeights(path));
  /** @param {FoundFile[]} files */
  const folders = (files) => files.map(({ path }) => folderOf(path));
  const weights = folders(inFolders);
  const above = weights.filter((folder) => SHARDS_ALONE.test(fileName(folder))).map(folderOf);
  return {
    weights: new Set([...weights, ...above]),
    safetensors: new Set(folders(inFolders.filter(({ path }) => isSafetensors(path)))),
  };
}

/**
 * Checkpoints in the order in which they were given; within one folder the shallowest first, step 9
 * before step 10.
 * @param {FoundFile[]} found
 * @param {{ asOne?: boolean }} [options] `asOne`: single files are one checkpoint, and so is a
 * folder with weights and all inside it.
 * @returns {Files[]}
 */
export function groupByFolder(found, { asOne = false } = {}) {
  /** @type {Map<string, Files['files']>} */
  const folders = new Map();
  const holders = findHolders(found);
  /** @type {Map<string, number>} */
  const given = new Map();
  for (const { path, file, problem } of found) {
    const top = path.split('/')[0];
    if (!given.has(top)) given.set(top, given.size);
    if (!isWanted(path) || isHidden(path)) continue;
    const { folder, name } = placeFile(path, holders, asOne);
    if (isState(folder)) continue;
    const files = folders.get(folder) ?? [];
    files.push({ name, blob: file, problem });
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
