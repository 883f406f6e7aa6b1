// The checkpoints that a path of `npm run analyze` stands for.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readOptions } from '../../scripts/analyze/options.mjs';
import { findOne, findPlaces } from '../../scripts/analyze/places.mjs';

test('a path stands for its checkpoints, as natively', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'gatescope-places-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const file of [
    'run/checkpoint-1000/model.safetensors',
    'run/checkpoint-200/model.safetensors',
    'sft/checkpoint-200/model.safetensors',
    'adapter/adapter_model.safetensors',
    'adapter/Adapter_Config.json',
    'models--org--name/snapshots/0123456789/MODEL.safetensors',
    'models--org--name/snapshots/abcdef/model.safetensors',
    'models--org--name/refs/main',
    'none/config.json',
  ]) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), '0123456789');
  }
  symlinkSync('checkpoint-1000', path.join(root, 'run/latest'));
  const at = (name) => path.join(root, name);
  const names = (name) =>
    findPlaces(at(name)).map((place) => [place.name, place.files.map((file) => file.name)]);
  assert.deepEqual(names('run'), [
    ['checkpoint-200', ['model.safetensors']],
    ['checkpoint-1000', ['model.safetensors']],
  ]);
  const adapter = [['adapter', ['Adapter_Config.json', 'adapter_model.safetensors']]];
  assert.deepEqual(names('adapter/adapter_model.safetensors'), adapter);
  assert.deepEqual(names('models--org--name'), [['org/name', ['MODEL.safetensors']]]);
  assert.deepEqual(names('models--org--name/snapshots/abcdef'), [
    ['org/name', ['model.safetensors']],
  ]);
  assert.throws(() => findOne(at('run'), 'the base'), /2 checkpoints \(checkpoint-200, ch.*base/);
  assert.deepEqual(names('none'), [['none', ['config.json']]]);
  const options = ['--tuned', at('run'), at('sft/checkpoint-200'), '--out', at('r.json')];
  assert.deepEqual(
    readOptions(options).runs.map(({ name }) => name),
    ['run/checkpoint-200', 'checkpoint-1000', 'sft/checkpoint-200'],
  );
});
