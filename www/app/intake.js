// What is dropped or chosen goes where it belongs: reports are opened, checkpoints get roles, and
// what cannot be used is told.
import { openReport } from './actions.js';
import { ask } from './ask.js';
import { explainSeveral, warnOfSets } from './refusals.js';
import { splitSets } from './grouping.js';
import { placeCheckpoints, removeAll } from './roles.js';
import { findReports, sortOut } from './sort-out.js';
import { addTuned, fillTuned, store } from './state.js';
import { isWeights } from './weights.js';
import { counted, enumerate } from '../report/format.js';
import { messageOf } from '../report/message.js';

/** @import { Files } from '../engine/analyser.js' */
/** @import { Found } from './sort-out.js' */

/**
 * Where files are for: the page finds out, or one row.
 * @typedef {'any' | 'base' | 'fisher' | number} Role
 */

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
        `One Fisher serves all runs, but ${checkpoints.length} folders hold weights: give ` +
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
  const { checkpoints, refused } = await sortOut(found, { ask, asOne: role !== 'any' });
  if (!checkpoints.length) return store.set({ problem: refused.join(' ') });
  const { phase, fromSample } = store.state;
  if (fromSample) removeAll();
  await giveRoles(role, checkpoints);
  const several =
    typeof role === 'number' && checkpoints.length > 1
      ? [explainSeveral(checkpoints.map(({ name }) => name))]
      : [];
  const mixed = warnOfMixed(role === 'any' ? [] : checkpoints);
  const notes = [...several, ...mixed, ...refused];
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
    .catch((error) => store.set({ problem: messageOf(error) }));
  return pending;
}

/** Settles when all that was given has been sorted out. */
export const settled = () => pending;
