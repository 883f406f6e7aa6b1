// Files of a drop or a picker, sorted out: checkpoints, reports, and a sentence for each that
// cannot be used.
import { explainEmptyFolder, explainFile, explainNothing } from './refusals.js';
import { fileName, groupByFolder, isWanted, isWeights } from './grouping.js';
import { readCachePath, readCaches } from './hub-cache.js';
import { sniff } from './sniff.js';

/** @import { Files } from '../engine/analyser.js' */
/** @import { FoundFile } from './grouping.js' */

/** @typedef {{ files: FoundFile[], emptyFolders: string[] }} Found */

/** Files of which a refusal tells what they are. */
const MOST_SNIFFED = 24;
/** Single files beside checkpoints of which a note tells what they are. */
const MOST_UNUSED = 4;
/** Beginnings of states of training, which tell less than weights. */
const STATE = /^(optimizer|scheduler|rng_state|random_states|training_args|scaler)/i;
/** Endings of files that are given as weights, or by a slip of the hand. */
const MEANT = /\.(bin|pt|pth|ckpt|gguf|distcp|zip|tar|gz|pdf|docx?|pptx?)$/i;

/**
 * Whether a file is a report: only its first bytes are read.
 * @param {File} file
 */
async function isReport(file) {
  if (!/\.json(\.gz)?$/i.test(file.name)) return false;
  if (/\.gz$/i.test(file.name)) return true;
  return (await file.slice(0, 4096).text()).includes('gatescope-report');
}

/**
 * Reports among the files that were given for themselves. What is a single JSON file and no part of
 * a checkpoint is opened as one, too: it is refused by what it is.
 * @param {FoundFile[]} files
 */
export async function findReports(files) {
  const single = files.filter(({ path }) => !path.includes('/'));
  const reports = await Promise.all(single.map(({ file }) => isReport(file)));
  const found = single.filter((_, i) => reports[i]).map(({ file }) => file);
  if (found.length || files.length !== 1) return found;
  const [{ path, file }] = files;
  return /\.json$/i.test(path) && !isWanted(path) ? [file] : [];
}

/**
 * Checks what the files with weights are. A checkpoint with a good file keeps its bad ones: the
 * analyser lists what is missing by them.
 * @param {Files} checkpoint
 */
async function checkWeights({ files }) {
  const weights = files.filter(({ name }) => isWeights(name));
  const kinds = await Promise.all(weights.map(({ blob }) => sniff(blob)));
  const bad = weights.flatMap(({ name, blob }, i) => {
    const kind = kinds[i];
    return kind === 'safetensors' ? [] : [explainFile(name, kind, blob.size)];
  });
  return { isUsable: bad.length < weights.length, bad };
}

/**
 * Why nothing was found, for each folder that was given or all single files together.
 * @param {FoundFile[]} files
 */
async function explainRest(files) {
  /** @type {Map<string, FoundFile[]>} */
  const tops = new Map();
  for (const one of files) {
    const top = one.path.includes('/') ? one.path.split('/')[0] : '';
    tops.set(top, [...(tops.get(top) ?? []), one]);
  }
  return Promise.all(
    [...tops].map(async ([top, inside]) => {
      /** @param {FoundFile} one */
      const telling = ({ path }) => (MEANT.test(path) && !STATE.test(fileName(path)) ? 0 : 1);
      const sorted = [...inside].sort((a, b) => telling(a) - telling(b));
      const found = await Promise.all(
        sorted.map(async ({ path, file }, i) => ({
          name: fileName(path),
          kind: i < MOST_SNIFFED ? await sniff(file) : null,
        })),
      );
      return explainNothing(top, found);
    }),
  );
}

/**
 * Sentences for what was given beside checkpoints and is part of none: folders, and single files
 * that someone may take for weights.
 * @param {FoundFile[]} files
 * @param {Files[]} checkpoints
 */
async function explainUnused(files, checkpoints) {
  const used = new Set(checkpoints.flatMap((one) => one.files.map(({ blob }) => blob)));
  /** @param {FoundFile} one */
  const topOf = ({ path }) => (path.includes('/') ? path.split('/')[0] : '');
  const taken = new Set(files.filter(({ file }) => used.has(file)).map(topOf));
  const rest = files.filter(
    (one) =>
      readCachePath(one.path) === null &&
      (topOf(one) ? !taken.has(topOf(one)) : !used.has(one.file) && MEANT.test(one.path)),
  );
  const folders = rest.filter(topOf);
  const single = rest.filter((one) => !topOf(one)).slice(0, MOST_UNUSED);
  const told = await Promise.all(single.map((one) => explainRest([one])));
  return [...told.flat(), ...(folders.length ? await explainRest(folders) : [])];
}

/**
 * Checkpoints of what was given, and a sentence for all else that someone may have meant.
 * @param {Found} found
 * @param {{ asOne?: boolean }} [options]
 */
export async function sortOut({ files, emptyFolders }, { asOne = false } = {}) {
  const caches = await readCaches(files, emptyFolders);
  const grouped = [
    ...caches.checkpoints,
    ...caches.listed.flatMap(({ model, files: inside, main }) => {
      const revisions = groupByFolder(inside);
      const used = revisions.length === 1 ? revisions[0] : revisions.find((r) => r.name === main);
      return used
        ? [{ ...used, name: model }]
        : revisions.map(({ name, files: own }) => ({ name: `${model}@${name}`, files: own }));
    }),
    ...groupByFolder(caches.rest, { asOne }),
  ];
  const checked = await Promise.all(grouped.map(checkWeights));
  const checkpoints = grouped.filter((_, i) => checked[i].isUsable);
  const refused = [...caches.refused, ...checked.flatMap(({ bad }) => bad)];
  if (!checkpoints.length && !refused.length) refused.push(...(await explainRest(files)));
  else if (checkpoints.length) refused.push(...(await explainUnused(files, grouped)));
  // A cache's empty snapshots are no loss where its blobs were read.
  const lost = emptyFolders.filter(
    (folder) => !checkpoints.some(({ name }) => folder.includes(name.replace('/', '--'))),
  );
  if (!checkpoints.length && !files.some(({ path }) => isWanted(path)))
    refused.push(...lost.slice(0, 2).map(explainEmptyFolder));
  return { checkpoints, refused: [...new Set(refused)] };
}
