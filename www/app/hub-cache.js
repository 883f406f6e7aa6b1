// The cache of the Hugging Face Hub: models--org--name/blobs holds the files under their hashes,
// snapshots/<revision> links with their names, which Chromium does not list.
import { explainBlobs, explainRevisions } from './refusals.js';
import { readHeader, readJson, sniff } from './sniff.js';
import { isWeights } from './weights.js';

/** @import { Files } from '../engine/analyser.js' */
/** @import { FoundFile } from './grouping.js' */
/** @import { Kind } from './sniff.js' */

const CACHE = /^(.*?)(?:^|\/)models--([^/]+)\/(blobs|snapshots|refs|\.no_exist)\/(.*)$/;
/** A blob's name: a SHA-1, or a SHA-256 where Git LFS or Xet holds the file. */
const HASH = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * Model, part and the rest of a path in a cache; null outside one.
 * @param {string} path
 */
export function readCachePath(path) {
  const [, , model, part, rest] = CACHE.exec(path) ?? [];
  if (model) return { model: model.replace('--', '/'), part, rest };
  const [folder, name] = path.split('/').slice(-2);
  // The folder of blobs alone has no name of its own.
  return folder === 'blobs' && HASH.test(name)
    ? { model: 'blobs', part: folder, rest: name }
    : null;
}

/**
 * The file that a json blob is; null for one that is not read.
 * @param {Record<string, unknown> | null} content
 */
function nameOfJson(content) {
  if (!content) return null;
  if (content.weight_map) return 'model.safetensors.index.json';
  if (content.peft_type) return 'adapter_config.json';
  return content.model_type || content.architectures ? 'config.json' : null;
}

/**
 * The name of a blob of weights: that of the shard which the index gives for its tensors.
 * @param {string[]} tensors
 * @param {Record<string, string>} weightMap
 * @param {string} hash
 * @param {boolean} alone
 */
function nameOfWeights(tensors, weightMap, hash, alone) {
  const shard = tensors.map((tensor) => weightMap[tensor]).find(Boolean);
  return shard ?? (alone ? 'model.safetensors' : `${hash.slice(0, 12)}.safetensors`);
}

/**
 * The names of blobs that are not safetensors, by their kinds: without names, and without an index
 * that lists what is in them, of more than one it cannot be told which they are.
 * @type {Partial<Record<Kind, string>>}
 */
const NAMES = { torch: 'pytorch_model.bin', gguf: 'model.gguf' };

/**
 * A checkpoint of a cache's blobs: their names are found by their content. Null where none holds
 * weights; a sentence where they hold the same tensors twice, as of two revisions.
 * @param {string} model
 * @param {FoundFile[]} blobs
 * @param {number} revisions
 * @returns {Promise<Files | string | null>}
 */
async function readBlobs(model, blobs, revisions) {
  const kinds = await Promise.all(blobs.map(({ file }) => sniff(file)));
  const weights = blobs.filter((_, i) => kinds[i] === 'safetensors');
  const contents = await Promise.all(
    blobs.map(({ file }, i) => (kinds[i] === 'json' ? readJson(file) : null)),
  );
  const json = contents.flatMap((content, i) => {
    const name = nameOfJson(content);
    return name ? [{ name, blob: blobs[i].file }] : [];
  });
  // Two configs are of two revisions: neither can be taken for that of these weights.
  const once = json.filter(({ name }) => json.filter((other) => other.name === name).length === 1);
  if (!weights.length) {
    const others = blobs.flatMap(({ file }, i) => {
      const name = NAMES[kinds[i]];
      return name ? [{ name, blob: file }] : [];
    });
    if (others.length > 1) return explainBlobs(model, others.length);
    return others.length ? { name: model, files: [...once, ...others] } : null;
  }
  const headers = await Promise.all(weights.map(({ file }) => readHeader(file)));
  const tensors = headers.map((header) =>
    Object.keys(header ?? {}).filter((name) => name !== '__metadata__'),
  );
  if (new Set(tensors.flat()).size < tensors.flat().length)
    return explainRevisions(model, revisions);
  const weightMap = /** @type {Record<string, string>} */ (
    Object.assign({}, ...contents.map((content) => content?.weight_map))
  );
  const adapter = json.some(({ name }) => name === 'adapter_config.json');
  const named = weights.map(({ path, file }, i) => ({
    name: adapter
      ? 'adapter_model.safetensors'
      : nameOfWeights(tensors[i], weightMap, path.split('/').at(-1) ?? '', weights.length === 1),
    blob: file,
  }));
  return { name: model, files: [...once, ...named] };
}

/**
 * The files of caches as folders that tell their models, the rest as it is. Links that a browser
 * did list, or copies where the system has no links, are taken by their names.
 * @param {FoundFile[]} found
 * @param {string[]} emptyFolders
 */
export async function readCaches(found, emptyFolders) {
  /** @type {Map<string, { blobs: FoundFile[], snapshots: FoundFile[], main: File | null }>} */
  const caches = new Map();
  /** @type {FoundFile[]} */
  const rest = [];
  for (const one of found) {
    const place = readCachePath(one.path);
    if (!place) {
      rest.push(one);
      continue;
    }
    const cache = caches.get(place.model) ?? { blobs: [], snapshots: [], main: null };
    caches.set(place.model, cache);
    if (place.part === 'refs' && place.rest === 'main') cache.main = one.file;
    if (place.part === 'blobs') cache.blobs.push(one);
    if (place.part === 'snapshots') cache.snapshots.push({ path: place.rest, file: one.file });
  }
  /** @type {Files[]} */
  const checkpoints = [];
  /** @type {string[]} */
  const refused = [];
  /** @type {{ model: string, files: FoundFile[], main: string }[]} */
  const listed = [];
  for (const [model, { blobs, snapshots, main }] of caches) {
    if (snapshots.some(({ path }) => isWeights(path))) {
      // The revision that is in use, where the cache tells.
      const revision = (await main?.slice(0, 100).text())?.trim() ?? '';
      listed.push({ model, files: snapshots, main: revision });
      continue;
    }
    const revisions = emptyFolders.filter((folder) => {
      const place = readCachePath(`${folder}/`);
      return place?.model === model && place.part === 'snapshots' && place.rest.length > 1;
    }).length;
    const read = await readBlobs(model, blobs, revisions);
    if (typeof read === 'string') refused.push(read);
    else if (read) checkpoints.push(read);
  }
  return { checkpoints, listed, refused, rest, models: [...caches.keys()] };
}
