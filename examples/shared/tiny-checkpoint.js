// A checkpoint of a few kilobytes, made in the page, so that an example needs no files.

const TENSORS = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map(
  (module) => `model.layers.0.self_attn.${module}.weight`,
);
const SIDE = 32;

/**
 * Numbers that differ from each other; a few of them are moved by `change`.
 *
 * @param {number} seed
 * @param {number} change
 */
const weights = (seed, change) =>
  Float32Array.from(
    { length: SIDE * SIDE },
    (_, i) => Math.sin(1 + seed + i * 0.7 + i * i * 0.37) * (1 + (i % 7 === 0 ? change : 0)),
  );

/**
 * A checkpoint in the form that `analyze` takes: a name and files.
 *
 * @param {string} name
 * @param {number} change
 */
export function tinyCheckpoint(name, change) {
  const size = 4 * SIDE * SIDE;
  const header = Object.fromEntries(
    TENSORS.map((tensor, i) => [
      tensor,
      { dtype: 'F32', shape: [SIDE, SIDE], data_offsets: [i * size, (i + 1) * size] },
    ]),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  const blob = new Blob([length, text, ...TENSORS.map((_, i) => weights(i, change))]);
  return { name, files: [{ name: 'model.safetensors', blob }] };
}
