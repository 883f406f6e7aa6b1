// The checkpoints that a path of the command line stands for, found as the native program finds
// them (crate/src/source/folder.rs).
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Problem } from '../lib/problem.mjs';
import { isWanted, isWeights } from '../../www/app/grouping.js';

/** @typedef {{ name: string, files: string[], place: string, revision?: string }} Place */

/** How deep folders are looked through for checkpoints. */
const DEEPEST = 4;
/**
 * An adapter's weights say nothing without their configuration, and their name says nothing at
 * all.
 */
const ADAPTER = /^(adapter_model|adapters)\./i;
const ADAPTER_CONFIG = /^adapter_config\.json$/i;

const order = new Intl.Collator('en', { numeric: true }).compare;
/** @param {string} place */
const isFolder = (place) => statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
/** @param {string} place */
const isFile = (place) => statSync(place, { throwIfNoEntry: false })?.isFile() ?? false;

/** @param {string} folder @returns {Place} */
const ofFolder = (folder) => ({
  name: path.basename(folder),
  place: folder,
  files: readdirSync(folder)
    .filter((name) => isWanted(name) && isFile(path.join(folder, name)))
    .sort()
    .map((name) => path.join(folder, name)),
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
  const own = ofFolder(folder);
  if (own.files.some(isWeights)) return [own];
  if (depth === DEEPEST) return [];
  return readdirSync(folder)
    .filter((name) => !/^(\.|optim)/i.test(name) && isFolder(path.join(folder, name)))
    .sort(order)
    .flatMap((name) => collect(path.join(folder, name), depth + 1));
}

/**
 * The checkpoints that a path stands for: a file, a folder with weights, a model in the Hub's
 * cache, or the folders inside one, in natural order. An adapter's file stands for its folder.
 *
 * @param {string} given
 * @returns {Place[]}
 */
export function findPlaces(given) {
  if (!existsSync(given)) throw new Problem(`${given} does not exist.`);
  const place = path.resolve(given);
  const [folder, name] = [path.dirname(place), path.basename(place)];
  if (!isFolder(place)) {
    if (!isFile(place) || !isWeights(name))
      throw new Problem(`${given} is not a .safetensors file.`);
    const config = readdirSync(folder).find((one) => ADAPTER_CONFIG.test(one));
    if (ADAPTER.test(name) && config)
      return [
        { name: path.basename(folder), place: folder, files: [path.join(folder, config), place] },
      ];
    return [{ name: name.replace(/\.safetensors$/i, ''), place, files: [place] }];
  }
  const model = path.basename(folder) === 'snapshots' ? modelOf(path.dirname(folder)) : null;
  const found = model
    ? [{ ...ofFolder(place), name: model, revision: name }].filter(({ files }) =>
        files.some(isWeights),
      )
    : collect(place);
  if (!found.length) throw new Problem(`${given} holds no .safetensors file.`);
  const places = found.map((one) => realpathSync(one.place));
  // A link such as `latest` stands beside the folder that it leads to.
  return found.filter((_, i) => places.indexOf(places[i]) === i);
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
