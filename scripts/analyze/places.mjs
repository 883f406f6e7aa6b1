// The checkpoints that a path of the command line stands for, found as the native program finds
// them (crate/src/source/folder/).
import {
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { messageOf, Problem } from '../lib/problem.mjs';
import { isWanted } from '../../www/app/grouping.js';
import { isWeights } from '../../www/app/weights.js';

/**
 * A file: its path on this machine, and its name in the checkpoint. `problem`: why it cannot be
 * read, where it is there by its name alone.
 * @typedef {{ path: string, name: string, problem?: string }} Given
 */
/** @typedef {{ name: string, files: Given[], place: string, revision?: string }} Place */

/** How deep folders are looked through for checkpoints. */
const DEEPEST = 4;
/** How deep a checkpoint's own folders are listed. */
const DEEPEST_OWN = 2;
/** Files of a folder without weights that are shown to the page, which reads their names. */
const MOST_SHOWN = 100;
/**
 * An adapter's weights say nothing without their configuration, and their name says nothing at
 * all.
 */
const ADAPTER = /^(adapter_model|adapters)\./i;
const ADAPTER_CONFIG = /^adapter_config\.json$/i;
const INDEX = /\.index\.json$/i;
/** Shards of one save, a folder below its configuration. */
const SHARDS_ALONE = /^pytorch_model_fsdp/;

const order = new Intl.Collator('en', { numeric: true }).compare;
/** @param {string} place */
const isFolder = (place) => statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
/** @param {string} place */
const isFile = (place) => statSync(place, { throwIfNoEntry: false })?.isFile() ?? false;

/**
 * Why what lies at a path cannot be read as a file, in the words of the native program; undefined
 * where it can.
 * @param {string} at
 */
function explainUnreadable(at) {
  const found = statSync(at, { throwIfNoEntry: false });
  if (!found && lstatSync(at).isSymbolicLink())
    return (
      `it is a link to ${readlinkSync(at)}, which is not there: the download is not complete, or ` +
      'the file was moved'
    );
  if (!found || found.isFile()) return undefined;
  return found.isDirectory()
    ? 'it is a folder, not a file'
    : 'it is a pipe or a device, not a file: only files can be read in ranges';
}

/**
 * @param {string} folder
 * @param {string} name
 * @returns {Given}
 */
const ofFile = (folder, name) => {
  const at = path.join(folder, name);
  return { path: at, name, problem: explainUnreadable(at) };
};

/**
 * The files of a folder and of those inside it. A folder that is called like a file of weights is
 * listed as one.
 * @param {string} folder
 * @param {(name: string) => boolean} isListed
 * @param {number} depth
 * @returns {Given[]}
 */
function listFiles(folder, isListed, depth = 0) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      if (isWeights(name) || !isFolder(path.join(folder, name)))
        return isListed(name) ? [ofFile(folder, name)] : [];
      if (depth === DEEPEST_OWN || name.startsWith('.')) return [];
      const inside = listFiles(path.join(folder, name), isListed, depth + 1);
      return inside.map((file) => ({ ...file, name: `${name}/${file.name}` }));
    });
}

/** @param {string} folder @returns {Place} */
const ofFolder = (folder) => ({
  name: path.basename(folder),
  place: folder,
  files: listFiles(folder, isWanted),
});

/** The model whose folder in the Hub's cache this is; null for other folders. @param {string} at */
const modelOf = (at) => /^models--(.+)$/.exec(path.basename(at))?.[1].replace('--', '/') ?? null;

/**
 * The checkpoint in a folder of the Hub's cache: the snapshot that refs/main names, or the only
 * one. Null for other folders.
 *
 * @param {string} folder
 * @returns {Place | null}
 */
function findSnapshot(folder) {
  const model = modelOf(folder);
  const snapshots = path.join(folder, 'snapshots');
  if (model === null || !isFolder(snapshots)) return null;
  const revisions = readdirSync(snapshots).filter((name) => isFolder(path.join(snapshots, name)));
  const refs = path.join(folder, 'refs', 'main');
  const main = isFile(refs) ? readFileSync(refs, 'utf8').trim() : '';
  const revision = revisions.length === 1 ? revisions[0] : revisions.find((one) => one === main);
  if (!revision)
    throw new Problem(
      `${folder} holds ${revisions.length} revisions, and refs/main names none of them: give one ` +
        `of the folders in ${snapshots}.`,
    );
  return { ...ofFolder(path.join(snapshots, revision)), name: model, revision };
}

/**
 * @param {string} folder
 * @param {number} depth
 * @returns {Place[]}
 */
function collect(folder, depth = 0) {
  const snapshot = findSnapshot(folder);
  if (snapshot) return [snapshot];
  const names = readdirSync(folder);
  if (names.some(isWeights)) return [ofFolder(folder)];
  if (depth === DEEPEST) return [];
  return names
    .filter((name) => !/^(\.|optim)/i.test(name) && isFolder(path.join(folder, name)))
    .sort(order)
    .flatMap((name) => collect(path.join(folder, name), depth + 1));
}

/**
 * The checkpoint of one file. An adapter's file stands for its folder, an index for the shards that
 * it names.
 * @param {string} given
 * @param {string} place
 * @returns {Place}
 */
function findFile(given, place) {
  const [folder, name] = [path.dirname(place), path.basename(place)];
  if (INDEX.test(name)) {
    const named = new Set(readWeightMap(given, place));
    const whole = ofFolder(folder);
    return {
      ...whole,
      files: whole.files.filter((file) => !isWeights(file.name) || named.has(file.name)),
    };
  }
  const config = readdirSync(folder).find((one) => ADAPTER_CONFIG.test(one));
  if (ADAPTER.test(name) && config)
    return {
      name: path.basename(folder),
      place: folder,
      files: [ofFile(folder, config), ofFile(folder, name)],
    };
  return { name: path.parse(name).name, place, files: [ofFile(folder, name)] };
}

/**
 * The files that an index of shards names.
 * @param {string} given
 * @param {string} place
 * @returns {string[]}
 */
function readWeightMap(given, place) {
  try {
    return Object.values(JSON.parse(readFileSync(place, 'utf8')).weight_map);
  } catch (error) {
    throw new Problem(`${given}: it is not a shard index: ${messageOf(error)}`);
  }
}

/**
 * The checkpoints that a path stands for: a file, a folder with weights, a model in the Hub's
 * cache, or the folders inside one, in natural order. A folder without any is one checkpoint, so
 * that opening it tells what there is.
 *
 * @param {string} given
 * @returns {Place[]}
 */
export function findPlaces(given) {
  const place = path.resolve(given);
  if (!existsSync(given)) {
    const problem = lstatSync(given, { throwIfNoEntry: false }) && explainUnreadable(place);
    throw new Problem(problem ? `${given}: ${problem}.` : `${given} does not exist.`);
  }
  if (!isFolder(place)) {
    const problem = explainUnreadable(place);
    if (problem) throw new Problem(`${given}: ${problem}.`);
    return [findFile(given, place)];
  }
  const folder = path.dirname(place);
  const model = path.basename(folder) === 'snapshots' ? modelOf(path.dirname(folder)) : null;
  if (model) return [{ ...ofFolder(place), name: model, revision: path.basename(place) }];
  const found = collect(place);
  const places = found.map((one) => realpathSync(one.place));
  // A link such as `latest` stands beside the folder that it leads to.
  const distinct = found.filter((_, i) => places.indexOf(places[i]) === i);
  const isBelow = distinct.length === 1 && SHARDS_ALONE.test(distinct[0].name);
  if (distinct.length && !isBelow) return distinct;
  const whole = ofFolder(place);
  if (isBelow || whole.files.some(({ name }) => isWeights(name))) return [whole];
  return [{ ...whole, files: listFiles(place, () => true).slice(0, MOST_SHOWN) }];
}

/**
 * The one checkpoint that a path stands for.
 *
 * @param {string} given
 * @param {string} role
 */
export function findOne(given, role) {
  const found = findPlaces(given);
  if (found.length === 1) return found[0];
  const names = found.slice(0, 4).map(({ name }) => name);
  throw new Problem(
    `${given} holds ${found.length} checkpoints (${names.join(', ')}` +
      `${found.length > names.length ? ' …' : ''}), and ${role} is one: give one of these folders.`,
  );
}
