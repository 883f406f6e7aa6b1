// Checkpoints that look the same, found before a run: the same folder given twice is a common slip.

import { isWanted } from './grouping.js';

/** @import { Files } from '../engine/analyser.js' */

const PLACES = 32;
const PLACE_BYTES = 32 * 1024;
/** The header, where it is not longer. */
const HEAD_BYTES = 1 << 20;

/** @type {WeakMap<Blob, Promise<string>>} */
const known = new WeakMap();

/**
 * A digest of a file's size, its start and places spread over the rest.
 * @param {Blob} blob
 */
async function digestSample(blob) {
  const step = Math.max(PLACE_BYTES, Math.floor((blob.size - HEAD_BYTES) / PLACES));
  const parts = [blob.slice(0, HEAD_BYTES)];
  for (let at = HEAD_BYTES; at < blob.size; at += step)
    parts.push(blob.slice(at, at + PLACE_BYTES));
  // The end, where what was appended or cut off shows.
  parts.push(blob.slice(Math.max(0, blob.size - PLACE_BYTES)));
  const bytes = await new Blob([String(blob.size), ...parts]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {Blob} blob */
function identify(blob) {
  const digest = known.get(blob) ?? digestSample(blob);
  known.set(blob, digest);
  return digest;
}

/** @param {Files['files']} files */
async function fingerprint(files) {
  const weights = files.filter(({ name }) => isWanted(name));
  const digests = await Promise.all(
    weights
      // The configuration decides how an adapter's weights count, not how a model's do.
      .filter(({ name }) => !/(^|\/)config\.json$|index\.json$/i.test(name))
      .map(({ blob }) => identify(blob)),
  );
  return digests.sort().join(' ');
}

/**
 * Sentences on checkpoints that look the same; none where that cannot be found out.
 * @param {{ base: Files | null, tuned: Files[] }} given
 */
export async function findIdentical({ base, tuned }) {
  if (!globalThis.crypto?.subtle) return [];
  const all = [...(base ? [base] : []), ...tuned];
  const prints = await Promise.all(all.map(({ files }) => fingerprint(files)));
  return all.flatMap(({ name }, i) => {
    const first = prints.indexOf(prints[i]);
    if (first === i) return [];
    const other = base && first === 0 ? `the base, ${base.name}` : all[first].name;
    return [
      `${name} looks identical to ${other}: sizes, headers and sampled weights are the same. Was ` +
        'one folder given twice?',
    ];
  });
}
