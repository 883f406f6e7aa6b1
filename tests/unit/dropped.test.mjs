// What a browser gives of a drop: files at their paths, and what is there by its name alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { droppedFiles, pickedFiles } from '../../www/app/input.js';

/** An entry of a drop: a file by its content, a folder by its entries, or one that is refused. */
function entry(name, content) {
  const isDirectory = typeof content === 'object' && !(content instanceof Error);
  return {
    name,
    isFile: !isDirectory,
    isDirectory,
    file: (give, refuse) =>
      content instanceof Error ? refuse(content) : give(new File([content], name)),
    createReader() {
      const batches = [Object.entries(content).map(([inside, of]) => entry(inside, of)), []];
      return { readEntries: (give) => give(batches.shift()) };
    },
  };
}
const drop = (entries) =>
  droppedFiles({
    items: Object.entries(entries).map(([name, content]) => ({
      kind: 'file',
      webkitGetAsEntry: () => entry(name, content),
    })),
  });
const told = ({ files, emptyFolders }) => [
  files.map(({ path, problem }) => (problem ? `${path}: ${problem}` : path)),
  emptyFolders,
];

test('what cannot be read in a folder is told by name, and the rest is taken', async () => {
  const found = await drop({
    run: {
      'model-1.safetensors': 'x',
      'model-2.safetensors': { 'model.safetensors': 'x' },
      'model-3.safetensors': new Error('access was denied'),
      inside: { 'config.json': '{}', none: {} },
    },
  });
  assert.deepEqual(told(found), [
    [
      'run/model-1.safetensors',
      'run/model-2.safetensors: it is a folder, not a file',
      'run/model-3.safetensors: access was denied',
      'run/inside/config.json',
    ],
    ['run/inside/none'],
  ]);
  // Given for itself, a folder is one, however it is called.
  assert.deepEqual(told(await drop({ 'model.safetensors': { 'a.safetensors': 'x' } })), [
    ['model.safetensors/a.safetensors'],
    [],
  ]);
  await assert.rejects(
    drop({ 'a.safetensors': new Error('access was denied') }),
    /could not be read: access was denied/,
  );
});

test('a script tells where its files are, and what is no file', () => {
  const problem = 'it is a link to x, which is not there';
  const found = pickedFiles([new File(['x'], 'a.pt')], {
    paths: ['run/inside/a.pt'],
    standIns: [{ path: 'run/b.pt', problem }],
  });
  assert.deepEqual(told(found), [['run/inside/a.pt', `run/b.pt: ${problem}`], []]);
});
