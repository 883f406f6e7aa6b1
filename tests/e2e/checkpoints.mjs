// Small checkpoints on disk, whole and broken, written byte by byte: what a test is about stands in the test.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A safetensors file of f32 tensors given as { name: { shape, data } }. */
export function safetensors(tensors) {
  const header = {};
  const chunks = [];
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const bytes = Buffer.from(Float32Array.from(data).buffer);
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + bytes.length] };
    chunks.push(bytes);
    at += bytes.length;
  }
  return withHeader(JSON.stringify(header), Buffer.concat(chunks));
}

/** The tensors of a safetensors file as { name: { dtype, shape } }. */
export function tensorsOf(file) {
  const bytes = readFileSync(file);
  const { __metadata__: _, ...tensors } = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())));
  return tensors;
}

/** A safetensors file with this header text, right or wrong; `length` is what the file says the header's length is. */
export function withHeader(text, data = Buffer.alloc(0), length = Buffer.byteLength(text)) {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([size, Buffer.from(text), data]);
}

/** A folder that lasts as long as the test; `folder.add(name, files)` makes a checkpoint in it and gives its path. */
export function temporaryFolder(test) {
  const place = mkdtempSync(path.join(os.tmpdir(), 'gatescope-test-'));
  test.after(() => rmSync(place, { recursive: true, force: true }));
  const add = (name, files) => {
    mkdirSync(path.join(place, name));
    for (const [file, content] of Object.entries(files)) writeFileSync(path.join(place, name, file), content);
    return path.join(place, name);
  };
  return { path: (name) => path.join(place, name), add };
}

/** A matrix of numbers that differ from each other, as a tensor of a model's first layer. */
export function oneMatrix(rows = 8, columns = 8, scale = 1) {
  const data = Array.from({ length: rows * columns }, (_, i) => scale * Math.sin(1 + i * 0.7));
  return safetensors({ 'model.layers.0.self_attn.q_proj.weight': { shape: [rows, columns], data } });
}
