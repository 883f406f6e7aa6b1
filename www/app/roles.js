// Which checkpoint is the base: the user's choice, before it a guess that says that it is one.
import { addTuned, makeUnique, store } from './state.js';
import { isAdapterConfig, isManifest } from './grouping.js';
import { readJson } from './sniff.js';
import { isSafetensors } from './weights.js';

/** @import { Files } from '../engine/analyser.js' */

/** Why a checkpoint was taken for the base. @typedef {'named' | 'origin' | 'first'} Reason */

/**
 * What the files of a checkpoint tell of its role.
 * @typedef {object} Hints
 * @property {boolean} isPart Whether it is an adapter or a delta, which is never a base.
 * @property {string | null} origin The model that its configuration says it was made from.
 */

/** @typedef {{ name: string, hints: Hints }} Candidate */

/** How a guess is told. @type {Record<Reason, string>} */
export const REASONS = {
  named: 'its name says base',
  origin: 'another checkpoint’s configuration names it',
  first: 'it was given first',
};

const CONFIG_BYTES = 1_000_000;
/** The start of a header, where a delta's metadata stand. */
const METADATA_BYTES = 4096;

/** @param {string} name */
const lastPart = (name) =>
  name
    .replace(/\/+$/, '')
    .split('/')
    .at(-1)
    ?.toLowerCase()
    .replace(/^models--/, '') ?? '';

/** @param {Files['files']} files */
async function isDelta(files) {
  if (files.some(({ name }) => isManifest(name))) return true;
  const weights = files.find(({ name }) => isSafetensors(name));
  // What cannot be read tells nothing here; the analyser says that it cannot be.
  const text = await weights?.blob
    .slice(8, METADATA_BYTES)
    .text()
    .catch(() => '');
  return /"sparse"\s*:\s*"True"/i.test(text ?? '');
}

/**
 * @param {Files['files']} files
 * @returns {Promise<Hints>}
 */
export async function readHints(files) {
  const configs = files.filter(
    ({ name, blob }) => /(^|\/)(adapter_)?config\.json$/i.test(name) && blob.size < CONFIG_BYTES,
  );
  const contents = await Promise.all(configs.map(({ blob }) => readJson(blob)));
  const origins = contents.flatMap((content) => [
    content?.base_model_name_or_path,
    content?._name_or_path,
  ]);
  const origin = origins.find((one) => typeof one === 'string' && one !== '');
  return {
    isPart: files.some(({ name }) => isAdapterConfig(name)) || (await isDelta(files)),
    origin: typeof origin === 'string' ? origin : null,
  };
}

/** @param {string} name */
const saysBase = (name) => /(^|[^a-z])(base|pretrained|pretrain|original)([^a-z]|$)/i.test(name);

/**
 * The place of the likeliest base, and why; null where none can be one.
 * @param {Candidate[]} candidates In the order in which they were given.
 * @returns {{ place: number, reason: Reason } | null}
 */
export function guessBase(candidates) {
  const whole = candidates.flatMap(({ name, hints }, place) =>
    hints.isPart ? [] : [{ name, place }],
  );
  /** @param {string} name */
  const isOrigin = (name) =>
    candidates.some(
      ({ name: other, hints }) =>
        hints.origin !== null && other !== name && lastPart(hints.origin) === lastPart(name),
    );
  const origin = whole.find(({ name }) => isOrigin(name));
  if (origin) return { place: origin.place, reason: 'origin' };
  const named = whole.find(({ name }) => saysBase(name));
  if (named) return { place: named.place, reason: 'named' };
  return whole.length ? { place: whole[0].place, reason: 'first' } : null;
}

/**
 * Gives checkpoints their roles. A base that the user chose stays; a guess gives way to a better
 * one.
 * @param {Files[]} given
 */
export async function placeCheckpoints(given) {
  const { base, baseGuess } = store.state;
  const open = base && baseGuess ? [base, ...given] : given;
  const candidates = await Promise.all(
    open.map(async ({ name, files }) => ({ name, hints: await readHints(files) })),
  );
  const guess = base && !baseGuess ? null : guessBase(candidates);
  const place = guess?.place ?? -1;
  if (guess) {
    const { name, files } = open[place];
    store.set({ base: { name: name || 'base', files }, baseGuess: guess.reason });
  }
  open.forEach(({ name, files }, i) => {
    // The old guess is a tuned checkpoint where it is not the base any more.
    if (i !== place) addTuned(name, files);
  });
}

/**
 * Makes a tuned checkpoint the base; what was the base takes its place.
 * @param {number} id
 */
export function useAsBase(id) {
  const { base, tuned } = store.state;
  const chosen = tuned.find((slot) => slot.id === id);
  if (!chosen?.files) return;
  const rest = base
    ? tuned.map((slot) => (slot === chosen ? { ...slot, ...base, named: false } : slot))
    : tuned.filter((slot) => slot !== chosen);
  store.set({
    base: { name: chosen.name, files: chosen.files },
    baseGuess: null,
    tuned: rest.length ? rest : [{ id: chosen.id, name: '', files: null }],
  });
}

/**
 * Moves a tuned checkpoint before or behind its neighbour: the order of steps is that of the rows.
 * @param {number} id
 * @param {-1 | 1} by
 */
export function moveTuned(id, by) {
  const tuned = [...store.state.tuned];
  const at = tuned.findIndex((slot) => slot.id === id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= tuned.length) return;
  [tuned[at], tuned[to]] = [tuned[to], tuned[at]];
  store.set({ tuned });
}

/**
 * Gives a checkpoint another name, which no other has; an empty one changes nothing.
 * @param {number | 'base'} role
 * @param {string} wanted
 */
export function rename(role, wanted) {
  const { base, tuned } = store.state;
  const name = wanted.trim();
  if (!name) return;
  if (role === 'base') {
    if (base && base.name !== name) store.set({ base: { ...base, name } });
    return;
  }
  const unique = makeUnique(name, role);
  store.set({
    tuned: tuned.map((slot) => (slot.id === role ? { ...slot, name: unique } : slot)),
  });
}

/** Forgets all checkpoints that were given. */
export function removeAll() {
  store.set({ base: null, baseGuess: null, fisher: null, fromSample: false });
  const { tuned } = store.state;
  const [first] = tuned;
  store.set({ tuned: [{ id: first.id, name: '', files: null }] });
}
