// What a tensor's result depends on, as one digest: the same digest, the same values.
import { sum } from '../report/means.js';
import { sampleBytes, shareSamples } from './sampled-bytes.js';

/** @import { BackendInfo, Settings, Shortened } from '../report/model.js' */
/** @import { Files, Input } from './analyser.js' */

/**
 * Headers are kilobytes; a file whose first bytes claim more than this is not read for its digest.
 */
const MOST_HEADER = 32 << 20;

/** @param {ArrayBuffer} buffer */
export const toHex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
/** @param {BufferSource} bytes */
const digest = async (bytes) => toHex(await crypto.subtle.digest('SHA-256', bytes));

/**
 * The header of a safetensors file; of a small other file, the whole.
 * @param {string} name
 * @param {Blob} blob
 */
async function readHeader(name, blob) {
  if (!/\.safetensors$/i.test(name) || blob.size < 8)
    return blob.slice(0, MOST_HEADER).arrayBuffer();
  const length = new DataView(await blob.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
  return blob.slice(0, Math.min(MOST_HEADER, 8 + Number(length))).arrayBuffer();
}

/**
 * Dates do not tell files apart: archives and packers set them all to one.
 * @param {Files['files'][number]} file
 * @param {number | null} samples
 */
async function identifyFile({ name, blob }, samples) {
  const header = await readHeader(name, blob);
  const bytes = await sampleBytes(blob, header, samples);
  return [name, blob.size, blob.lastModified, await digest(header), await digest(bytes)];
}

/**
 * One file after the other: a thousand shards are not all in memory at once.
 * @param {Files} checkpoint
 * @param {number | null} samples
 */
async function identifyFiles({ files }, samples) {
  const found = [];
  for (const file of files) found.push(await identifyFile(file, samples));
  return found;
}

/**
 * The digest of inputs, the settings that change a value, what computes and its version. `layers`
 * only selects, and `comparison` decides a value only where the checkpoints are steps, so that else
 * they are not part of it. Null where it cannot be had: a page that is not served safely has no
 * `crypto.subtle`.
 * @param {Input} input
 * @param {Settings} settings
 * @param {Pick<BackendInfo, 'kind' | 'adapter'>} backend
 * @param {string} generator
 * @param {Shortened | null} [shortened] What a report of many matrices leaves out of each, which
 * the selected layers decide.
 */
export async function identifyRun(
  { base, tuned, fisher = null },
  settings,
  backend,
  generator,
  shortened = null,
) {
  if (!globalThis.crypto?.subtle) return null;
  const {
    k,
    alphas,
    eta,
    abs_tolerance,
    exact_limit,
    seed,
    map_side,
    comparison,
    function_preserving,
    rename,
  } = settings;
  const all = [base, ...tuned, fisher].flatMap((checkpoint) => checkpoint?.files ?? []);
  const samples = shareSamples(all.length, sum(all.map(({ blob }) => blob.size)));
  const checkpoints = await Promise.all(
    [base, ...tuned].map((checkpoint) => checkpoint && identifyFiles(checkpoint, samples)),
  );
  const everything = {
    generator,
    backend: [backend.kind, backend.adapter],
    settings: [
      k,
      alphas,
      eta,
      abs_tolerance,
      exact_limit,
      seed,
      map_side,
      comparison === 'steps',
      function_preserving,
      rename ?? [],
    ],
    shortened: shortened && { ...shortened, matrices: 0 },
    checkpoints,
    fisher: fisher && (await identifyFiles(fisher, samples)),
  };
  return digest(new TextEncoder().encode(JSON.stringify(everything)));
}
