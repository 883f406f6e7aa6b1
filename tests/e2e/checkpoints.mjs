// Small checkpoints on disk, whole and broken, written byte by byte: what a test is about stands in
// the test.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The upper halves of f32: numbers cut to bf16. */
const cut = (data) =>
  Buffer.from(
    Uint16Array.from(new Uint32Array(Float32Array.from(data).buffer), (bits) => bits >>> 16).buffer,
  );

/** A safetensors file of tensors given as { name: { shape, data } }, in F32 or cut to BF16. */
export function safetensors(tensors, dtype = 'F32') {
  const header = {};
  const chunks = [];
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const bytes = dtype === 'BF16' ? cut(data) : Buffer.from(Float32Array.from(data).buffer);
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    chunks.push(bytes);
    at += bytes.length;
  }
  return withHeader(JSON.stringify(header), Buffer.concat(chunks));
}

/** A GGUF file of tensors in F32, given as { name: { shape, data } } by llama.cpp's names. */
export function gguf(architecture, tensors) {
  const align = (bytes) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 31)]);
  const u32 = (value) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (value) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const entries = Object.entries(tensors);
  const chunks = entries.map(([, { data }]) => align(Buffer.from(Float32Array.from(data).buffer)));
  const STRING = 8;
  const F32 = 0;
  let at = 0;
  const infos = entries.map(([name, { shape }], i) => {
    const offset = u64(at);
    at += chunks[i].length;
    // The fastest dimension is the first.
    return [text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(F32), offset];
  });
  const head = [
    ...['GGUF', u32(3), u64(entries.length), u64(1)].map((part) => Buffer.from(part)),
    ...[text('general.architecture'), u32(STRING), text(architecture)],
    ...infos.flat(),
  ];
  return Buffer.concat([align(Buffer.concat(head)), ...chunks]);
}

/** The tensors of a safetensors file as { name: { dtype, shape } }. */
export function tensorsOf(file) {
  const bytes = readFileSync(file);
  const { __metadata__: _, ...tensors } = JSON.parse(
    bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())),
  );
  return tensors;
}

/**
 * A safetensors file with this header text, right or wrong; `length` is what the file says the
 * header's length is.
 */
export function withHeader(text, data = Buffer.alloc(0), length = Buffer.byteLength(text)) {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([size, Buffer.from(text), data]);
}

/**
 * A folder that lasts as long as the test; `folder.add(name, files)` makes a checkpoint in it and
 * gives its path.
 */
export function temporaryFolder(test) {
  const place = mkdtempSync(path.join(os.tmpdir(), 'gatescope-test-'));
  test.after(() => rmSync(place, { recursive: true, force: true }));
  const add = (name, files) => {
    mkdirSync(path.join(place, name));
    for (const [file, content] of Object.entries(files))
      writeFileSync(path.join(place, name, file), content);
    return path.join(place, name);
  };
  return { path: (name) => path.join(place, name), add };
}

/** A matrix of numbers that differ from each other, as a tensor of a model's first layer. */
export function oneMatrix(rows = 8, columns = 8, scale = 1) {
  const data = Array.from({ length: rows * columns }, (_, i) => scale * Math.sin(1 + i * 0.7));
  return safetensors({
    'model.layers.0.self_attn.q_proj.weight': { shape: [rows, columns], data },
  });
}

/** Numbers around 0 that differ from each other, the same for the same seed. */
export const noise = (length, seed = 0, scale = 1) =>
  Array.from({ length }, (_, i) => scale * Math.sin(1 + seed + i * 0.7 + i * i * 0.37));

/**
 * A layer's projections to and from 4 heads of 8 dimensions, hidden size 32, as { name: { shape,
 * data } }.
 */
export function attentionLayer(layer = 0, scale = 0.05) {
  const name = (module) => `model.layers.${layer}.self_attn.${module}_proj.weight`;
  return Object.fromEntries(
    ['q', 'k', 'v', 'o'].map((module, i) => [
      name(module),
      { shape: [32, 32], data: noise(1024, 10 * layer + i, scale) },
    ]),
  );
}

/**
 * The same layer after V_h → R·V_h and O_h → O_h·Rᵀ of each head, R turning its dimensions in pairs
 * by `angle`: it computes the same.
 */
export function turned(tensors, angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const row = (data, i) => data.slice(32 * i, 32 * i + 32);
  // Dimensions 2j and 2j + 1 of a head are neighbours, on V's rows as on O's columns.
  const turn = (x, y) => [
    x.map((value, i) => c * value - s * y[i]),
    x.map((value, i) => s * value + c * y[i]),
  ];
  const rows = (data) =>
    Array.from({ length: 16 }, (_, j) => turn(row(data, 2 * j), row(data, 2 * j + 1))).flat(2);
  const transpose = (data) =>
    Array.from({ length: 1024 }, (_, i) => data[32 * (i % 32) + Math.floor(i / 32)]);
  const turnByName = (name, data) =>
    name.includes('v_proj')
      ? rows(data)
      : name.includes('o_proj')
        ? transpose(rows(transpose(data)))
        : data;
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape, data: turnByName(name, data) },
    ]),
  );
}

/** What tells the heads of `attentionLayer`. */
export const HEADS = JSON.stringify({
  num_attention_heads: 4,
  num_key_value_heads: 4,
  hidden_size: 32,
  head_dim: 8,
});

/**
 * The files of a PEFT folder: a LoRA adapter of this rank and α for modules of `attentionLayer`, by
 * their names without `.weight`.
 */
export function adapterFiles(modules, { rank = 4, alpha = 8, scale = 3e-5, ...config } = {}) {
  const factors = modules.flatMap((module, i) => [
    [
      `base_model.model.${module}.lora_A.weight`,
      { shape: [rank, 32], data: noise(32 * rank, i, 1) },
    ],
    [
      `base_model.model.${module}.lora_B.weight`,
      { shape: [32, rank], data: noise(32 * rank, i + 5, scale) },
    ],
  ]);
  return {
    'adapter_config.json': JSON.stringify({
      peft_type: 'LORA',
      r: rank,
      lora_alpha: alpha,
      target_modules: ['q_proj', 'v_proj'],
      ...config,
    }),
    'adapter_model.safetensors': safetensors(Object.fromEntries(factors)),
  };
}

/** A safetensors file of the flat places of some weights and their new bf16 values. */
function changes(metadata, name, indices, values) {
  const [places, numbers] = [Buffer.from(Int32Array.from(indices).buffer), cut(values)];
  const length = indices.length;
  return withHeader(
    JSON.stringify({
      __metadata__: metadata,
      [`${name}.indices`]: { dtype: 'I32', shape: [length], data_offsets: [0, places.length] },
      [`${name}.values`]: {
        dtype: 'BF16',
        shape: [length],
        data_offsets: [places.length, places.length + numbers.length],
      },
    }),
    Buffer.concat([places, numbers]),
  );
}

/** A sparse delta of one tensor as TRL publishes it. */
export const trlDelta = (name, indices, values, version) =>
  changes({ sparse: 'True', model_version: String(version) }, name, indices, values);

/**
 * The files of a sparse delta of one tensor as prime-rl publishes it, from the version before
 * `step`.
 */
export const primeRlDelta = (name, shape, indices, values, step) => ({
  'sparse_update_manifest.json': JSON.stringify({
    format: 'prime-rl-sparse-update',
    version: 1,
    step,
    base_step: step - 1,
    compressed: false,
    patch_file: 'sparse_update_patch.safetensors',
    tensors: [
      {
        name,
        shape,
        dtype: 'bfloat16',
        indices: 'tensor_0.indices',
        values: 'tensor_0.values',
        numel: shape.reduce((a, b) => a * b),
        changed_numel: indices.length,
      },
    ],
  }),
  'sparse_update_patch.safetensors': changes({ format: 'pt' }, 'tensor_0', indices, values),
});
