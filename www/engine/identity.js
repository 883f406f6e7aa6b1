// What a tensor's result depends on, as one digest: the same digest, the same figures.
import { STEPS } from '../report/span.js';

/**
 * Headers are kilobytes; a file whose first bytes claim more than this is not read for its digest.
 */
const MOST_HEADER = 32 << 20;

const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const digest = async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes));

/** The header of a safetensors file; of a small other file, the whole. */
async function head(name, blob) {
  if (!/\.safetensors$/i.test(name) || blob.size < 8)
    return blob.slice(0, MOST_HEADER).arrayBuffer();
  const length = new DataView(await blob.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
  return blob.slice(0, Math.min(MOST_HEADER, 8 + Number(length))).arrayBuffer();
}

const file = async ({ name, blob }) => [
  name,
  blob.size,
  blob.lastModified,
  await digest(await head(name, blob)),
];

/**
 * The digest of inputs, the settings that change a figure, what computes and its version. `layers`
 * only selects and `span` decides a figure only where the checkpoints are steps, so that else they
 * are not part of it. Null where it cannot be had: a page that is not served safely has no
 * `crypto.subtle`.
 */
export async function identity({ base, tuned, fisher = null }, settings, backend, generator) {
  if (!globalThis.crypto?.subtle) return null;
  const { k, alphas, eta, abs_tolerance, exact_limit, seed, map_side, span, function_preserving } =
    settings;
  const read = ({ files }) => Promise.all(files.map(file));
  const checkpoints = await Promise.all([base, ...tuned].map((one) => one && read(one)));
  const all = {
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
      span === STEPS,
      function_preserving,
    ],
    checkpoints,
    fisher: fisher && (await read(fisher)),
  };
  return digest(new TextEncoder().encode(JSON.stringify(all)));
}
