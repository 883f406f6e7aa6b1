// What is dropped or chosen, sorted out: reports, checkpoints, and what cannot be used, with a
// sentence for each.
import { openReport } from './actions.js';
import { explainEmptyFolder, explainFile, explainNothing, warnOfSets } from './refusals.js';
import { fileName, groupByFolder, isWanted, isWeights, splitSets } from './grouping.js';
import { placeCheckpoints, removeAll } from './roles.js';
import { readCaches } from './hub-cache.js';
import { sniff } from './sniff.js';
import { addTuned, fillTuned, store } from './state.js';
import { counted, enumerate } from '../report/format.js';

/** @import { Files } from '../engine/analyser.js' */
/** @import { FoundFile } from './grouping.js' */
/** @import { Kind } from './sniff.js' */

/** @typedef {{ files: FoundFile[], emptyFolders: string[] }} Found */
/**
 * Where files are for: the page finds out, or one row.
 * @typedef {'any' | 'base' | 'fisher' | number} Role
 */

/** Files of which a refusal tells what they are. */
const MOST_SNIFFED = 24;

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
async function findReports(files) {
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
      const telling = ({ path }) =>
        /\.(bin|pt|pth|ckpt|gguf|zip|tar|gz|pdf)$/i.test(path) ? 0 : 1;
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
 * Checkpoints of what was given, and a sentence for all else that someone may have meant.
 * @param {Found} found
 * @param {{ asOne?: boolean }} [options]
 */
export async function sortOut({ files, emptyFolders }, { asOne = false } = {}) {
  const caches = await readCaches(files, emptyFolders);
  const grouped = [
    ...caches.checkpoints,
    ...caches.listed.flatMap(({ model, files: inside }) => {
      const revisions = groupByFolder(inside);
      return revisions.length === 1
        ? [{ ...revisions[0], name: model }]
        : revisions.map(({ name, files: own }) => ({ name: `${model}@${name}`, files: own }));
    }),
    ...groupByFolder(caches.rest, { asOne }),
  ];
  const checked = await Promise.all(grouped.map(checkWeights));
  const checkpoints = grouped.filter((_, i) => checked[i].isUsable);
  const refused = [...caches.refused, ...checked.flatMap(({ bad }) => bad)];
  if (!checkpoints.length && !refused.length) refused.push(...(await explainRest(files)));
  // A cache's empty snapshots are no loss where its blobs were read.
  const lost = emptyFolders.filter(
    (folder) => !checkpoints.some(({ name }) => folder.includes(name.replace('/', '--'))),
  );
  if (!checkpoints.length && !files.some(({ path }) => isWanted(path)))
    refused.push(...lost.slice(0, 2).map(explainEmptyFolder));
  return { checkpoints, refused: [...new Set(refused)] };
}

/**
 * A warning where files that were given as one checkpoint do not look like one.
 * @param {Files[]} checkpoints
 */
function warnOfMixed(checkpoints) {
  return checkpoints.flatMap(({ files }) => {
    const names = files.map(({ name }) => name).filter(isWeights);
    const sets = splitSets(names).filter(([first]) => /-\d+-of-\d+\./.test(names[first]));
    return sets.length > 1 ? [warnOfSets(sets.map((places) => places.map((i) => names[i])))] : [];
  });
}

/**
 * @param {Role} role
 * @param {Files[]} checkpoints
 */
async function giveRoles(role, checkpoints) {
  const [first, ...more] = checkpoints;
  if (role === 'fisher') {
    if (more.length)
      throw new Error(
        `One Fisher serves all runs, but ${checkpoints.length} folders hold safetensors: give ` +
          'one file or one folder.',
      );
    const given = store.state.fisher;
    store.set({
      fisher: {
        files: first.files,
        name: given && !given.files ? given.name : first.name || 'fisher',
      },
    });
  } else if (role === 'any' || (role === 'base' && more.length)) {
    // Several were given: the page can only guess which is the base.
    if (role === 'base') store.set({ base: null, baseGuess: null });
    await placeCheckpoints(checkpoints);
  } else if (role === 'base') {
    store.set({ base: { ...first, name: first.name || 'base' }, baseGuess: null });
  } else {
    fillTuned(role, first);
    more.forEach(({ name, files }) => addTuned(name, files));
  }
}

/** @param {Files[]} checkpoints */
function listAdded(checkpoints) {
  const names = checkpoints.map(({ name }) => name);
  const told = names.every(Boolean) ? `: ${enumerate(names)}` : '';
  return `${counted(checkpoints.length, 'checkpoint')} added${told}.`;
}

/**
 * @param {Found} found
 * @param {Role} role
 */
async function takeCheckpoints(found, role) {
  const { checkpoints, refused } = await sortOut(found, { asOne: role !== 'any' });
  if (!checkpoints.length) return store.set({ problem: refused.join(' ') });
  const { phase, fromSample } = store.state;
  if (fromSample) removeAll();
  await giveRoles(role, checkpoints);
  const notes = [...warnOfMixed(role === 'any' ? [] : checkpoints), ...refused];
  store.set({ problem: null, notes });
  if (phase === 'done')
    store.set({
      phase: 'start',
      notes: [`${listAdded(checkpoints)} The report is kept: Back to the report.`, ...notes],
    });
  return undefined;
}

/**
 * @param {Found} found
 * @param {Role} role
 */
async function take(found, role) {
  if (store.state.phase === 'running')
    return store.set({ problem: 'A run is under way: cancel it first, or wait for its report.' });
  const reports = await findReports(found.files);
  if (!reports.length) return takeCheckpoints(found, role);
  const [first, ...others] = reports;
  await openReport(first, first.name);
  if (others.length && !store.state.problem)
    store.set({
      notes: [
        `${reports.length} reports were given: ${first.name} is shown. Not opened: ` +
          `${enumerate(others.map(({ name }) => name))}.`,
      ],
    });
  return undefined;
}

/** What is still being sorted out. @type {Promise<unknown>} */
let pending = Promise.resolve();

/**
 * Takes in what was given. One is done after the other: their order is that of the user.
 * @param {Found | Promise<Found>} found
 * @param {Role} [role]
 */
export function takeIn(found, role = 'any') {
  pending = Promise.all([found, pending])
    .then(([given]) => take(given, role))
    .catch((error) =>
      store.set({ problem: error instanceof Error ? error.message : String(error) }),
    );
  return pending;
}

/** Settles when all that was given has been sorted out. */
export const settled = () => pending;
