// Files of a drop or a picker, sorted out: checkpoints, reports, and a sentence for each that
// cannot be used.
import { explainEmptyFolder } from './refusals.js';
import { groupByFolder, isWanted } from './grouping.js';
import { readCachePath, readCaches } from './hub-cache.js';
import { beginsAsSafetensors } from './sniff.js';
import { isSafetensors } from './weights.js';

/** @import { Files } from '../engine/analyser.js' */
/** @import { FoundFile } from './grouping.js' */

/**
 * Why files are no checkpoint, as the analyser says it; null where they are one.
 * @typedef {(checkpoint: Files) => Promise<string | null>} Ask
 */

/** @typedef {{ files: FoundFile[], emptyFolders: string[] }} Found */

/** Files of a folder without weights that are shown to the analyser, which reads their names. */
const MOST_SHOWN = 1000;
/** Single files beside checkpoints of which a note tells what they are. */
const MOST_UNUSED = 4;
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
 * Why a checkpoint cannot be used; null where it can. The analyser is asked where no file begins as
 * safetensors do: with a good one it lists what is missing by the bad ones, and of other formats a
 * beginning tells too little.
 * @param {Files} checkpoint
 * @param {Ask} ask
 */
async function checkWeights(checkpoint, ask) {
  for (const { name, blob } of checkpoint.files)
    if (isSafetensors(name) && (await beginsAsSafetensors(blob))) return null;
  return ask(nameByFile(checkpoint));
}

/** Messages begin with a name. @param {Files} checkpoint */
const nameByFile = ({ name, files }) => ({ name: name || files[0].name, files });

/**
 * Why nothing was found, for each folder that was given or all single files together.
 * @param {FoundFile[]} files
 * @param {Ask} ask
 */
async function explainRest(files, ask) {
  /** @type {Map<string, FoundFile[]>} */
  const tops = new Map();
  for (const one of files) {
    const top = topOf(one);
    tops.set(top, [...(tops.get(top) ?? []), one]);
  }
  const told = [...tops].map(([top, inside]) =>
    ask(
      nameByFile({
        name: top,
        files: inside.slice(0, MOST_SHOWN).map(({ path, file }) => ({
          name: path.slice(top ? top.length + 1 : 0),
          blob: file,
        })),
      }),
    ),
  );
  return (await Promise.all(told)).filter((sentence) => sentence !== null);
}

/** The folder that was given, or nothing for a single file. @param {FoundFile} one */
const topOf = ({ path }) => (path.includes('/') ? path.split('/')[0] : '');

/**
 * Sentences for what was given beside checkpoints and is part of none: folders, and single files
 * that someone may take for weights.
 * @param {FoundFile[]} files
 * @param {Files[]} checkpoints
 * @param {Ask} ask
 */
async function explainUnused(files, checkpoints, ask) {
  const used = new Set(checkpoints.flatMap((one) => one.files.map(({ blob }) => blob)));
  const taken = new Set(files.filter(({ file }) => used.has(file)).map(topOf));
  const rest = files.filter(
    (one) =>
      readCachePath(one.path) === null &&
      (topOf(one) ? !taken.has(topOf(one)) : !used.has(one.file) && MEANT.test(one.path)),
  );
  const folders = rest.filter(topOf);
  const single = rest.filter((one) => !topOf(one)).slice(0, MOST_UNUSED);
  const told = await Promise.all(single.map((one) => explainRest([one], ask)));
  return [...told.flat(), ...(folders.length ? await explainRest(folders, ask) : [])];
}

/**
 * Checkpoints of what was given, and a sentence for all else that someone may have meant.
 * @param {Found} found
 * @param {{ ask: Ask, asOne?: boolean }} options
 */
export async function sortOut({ files, emptyFolders }, { ask, asOne = false }) {
  const caches = await readCaches(files, emptyFolders);
  const grouped = [
    ...caches.checkpoints,
    ...caches.listed.flatMap(({ model, files: inside, main }) => {
      const revisions = groupByFolder(inside, { asOne });
      const used = revisions.length === 1 ? revisions[0] : revisions.find((r) => r.name === main);
      return used
        ? [{ ...used, name: model }]
        : revisions.map(({ name, files: own }) => ({ name: `${model}@${name}`, files: own }));
    }),
    ...groupByFolder(caches.rest, { asOne }),
  ];
  const reasons = await Promise.all(grouped.map((one) => checkWeights(one, ask)));
  const checkpoints = grouped.filter((_, i) => reasons[i] === null);
  const refused = [...caches.refused, ...reasons.filter((reason) => reason !== null)];
  if (!checkpoints.length && !refused.length) refused.push(...(await explainRest(files, ask)));
  else if (checkpoints.length) refused.push(...(await explainUnused(files, grouped, ask)));
  // A cache's empty snapshots are no loss where its blobs were read.
  const lost = emptyFolders.filter(
    (folder) => !checkpoints.some(({ name }) => folder.includes(name.replace('/', '--'))),
  );
  if (!checkpoints.length && !files.some(({ path }) => isWanted(path)))
    refused.push(...lost.slice(0, 2).map(explainEmptyFolder));
  return { checkpoints, refused: [...new Set(refused)] };
}
