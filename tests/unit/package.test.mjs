// What `analyze` makes of its arguments, how its events reach a reader, and its errors.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync } from 'node:fs';
import { customElements } from '../../scripts/package/custom-elements.mjs';
import { GatescopeError, toGatescopeError } from '../../www/package/errors.js';
import { Feed } from '../../www/package/feed.js';
import { readInput } from '../../www/package/input.js';
import { readSettings } from '../../www/package/settings.js';
import { DEFAULTS } from '../../www/report/settings.js';

const file = (name = 'model.safetensors') => new File(['x'], name);
const refused = (message) => (error) =>
  error instanceof GatescopeError && error.code === 'argument' && message.test(error.message);

test('a list of files is one checkpoint, a list of lists several', () => {
  const one = readInput({ base: [file()], tuned: [file('a.safetensors'), file('config.json')] });
  assert.deepEqual(
    [one.base.name, one.tuned.map(({ name, files }) => [name, files.map((own) => own.name)])],
    ['base', [['tuned', ['a.safetensors', 'config.json']]]],
  );
  const two = readInput({ tuned: [[file()], { name: 'sft', files: [file()] }, [file()]] });
  assert.equal(two.base, null);
  assert.deepEqual(
    two.tuned.map(({ name }) => name),
    ['tuned', 'sft', 'tuned 3'],
  );
});

test('blobs come with names, folders give theirs', () => {
  const blob = new Blob(['x']);
  const picked = Object.assign(file(), { webkitRelativePath: 'models/rlvr/model.safetensors' });
  const { tuned, fisher } = readInput({
    tuned: [[{ name: 'model.safetensors', blob }], [picked]],
    fisher: { name: 'adam', files: [file()] },
  });
  assert.equal(tuned[0].files[0].blob, blob);
  assert.deepEqual([tuned[1].name, fisher.name], ['rlvr', 'adam']);
});

test('what is not a checkpoint is refused in words', () => {
  assert.throws(() => readInput({ tuned: [] }), refused(/^tuned: at least one/));
  assert.throws(() => readInput({ tuned: undefined }), refused(/^tuned: a list of files/));
  assert.throws(() => readInput({ tuned: ['model.safetensors'] }), refused(/^tuned: a list/));
  assert.throws(
    () => readInput({ base: [new Blob(['x'])], tuned: [file()] }),
    refused(/^base: each file has to be a File/),
  );
  const same = { name: 'a', files: [file()] };
  assert.throws(() => readInput({ tuned: [same, same] }), refused(/two checkpoints are called a/));
});

test('settings are made whole, wrong ones refused by name', () => {
  assert.deepEqual(readSettings({}), DEFAULTS);
  assert.equal(readSettings({ k: 8, layers: undefined }).k, 8);
  assert.deepEqual(readSettings({ layers: '0', comparison: 'steps', backend: 'cpu' }), {
    ...DEFAULTS,
    layers: '0',
    comparison: 'steps',
    backend: 'cpu',
  });
  for (const wrong of [
    { k: 0 },
    { k: 1.5 },
    { k: '8' },
    { alphas: 0.1 },
    { alphas: [0.1, 1] },
    { backend: 'tpu' },
    { backend: null },
    { layers: 3 },
    { function_preserving: 'yes' },
    { eta: NaN },
  ])
    assert.throws(
      () => readSettings(wrong),
      refused(new RegExp(`is not a value of ${Object.keys(wrong)[0]}`)),
    );
  assert.throws(() => readSettings({ rank: 8 }), refused(/there is no rank; there are .*\bk\b/));
});

test('errors of the engine have a code, and the file that they are about', () => {
  const input = readInput({
    base: { name: 'model', files: [file('model-1.safetensors')] },
    tuned: [file('model')],
  });
  const told = (message, name) => {
    const { code, file: culprit } = toGatescopeError(
      Object.assign(new Error(message), name && { name }),
      input,
    );
    return [code, culprit];
  };
  assert.deepEqual(told('model-1.safetensors: its header is cut off'), [
    'file',
    'model-1.safetensors',
  ]);
  assert.deepEqual(told('tuned: a base is needed', 'NeedsBase'), ['needs-base', 'tuned']);
  assert.deepEqual(told('the worker ended unexpectedly', 'WorkerEnded'), ['worker-ended', null]);
  assert.deepEqual(told('no model-1.safetensors here'), ['failed', null]);
  const own = new GatescopeError('failed', 'x');
  assert.equal(toGatescopeError(own, input), own);
  assert.equal(toGatescopeError('text', input).message, 'text');
});

const progress = (fraction) => ({ type: 'progress', fraction });
const tensor = (run) => ({ type: 'tensor', run });

test('a slow reader gets every tensor and the latest progress', async () => {
  const feed = new Feed();
  [progress(0), progress(0.1), tensor(0), progress(0.2), progress(0.3), tensor(1)].forEach((one) =>
    feed.push(one),
  );
  feed.end();
  let left = 0;
  const seen = [];
  for await (const event of feed.read(() => (left += 1))) seen.push(event);
  assert.deepEqual(seen, [progress(0.1), tensor(0), progress(0.3), tensor(1)]);
  assert.equal(left, 1);
});

test('a reader who waits is woken, and an error comes ahead of what was not read', async () => {
  const feed = new Feed();
  const events = feed.read(() => {});
  const next = events.next();
  feed.push(tensor(0));
  assert.deepEqual(await next, { done: false, value: tensor(0) });
  feed.push(tensor(1));
  feed.end(new Error('cancelled'));
  feed.push(tensor(2));
  await assert.rejects(events.next(), /cancelled/);
});

test('leaving a loop early is told', async () => {
  const feed = new Feed();
  feed.push(tensor(0));
  let left = false;
  const events = feed.read(() => (left = true));
  assert.equal((await events.next()).value.run, 0);
  await events.return();
  assert.equal(left, true);
});

test('the manifest of the element has its attributes, parts and events, and its types, too', () => {
  const read = (part) => readFileSync(new URL(`../../www/${part}`, import.meta.url), 'utf8');
  const source = ['attributes', 'figure', 'gate-scope', 'still']
    .map((name) => read(`element/${name}.js`))
    .join('\n');
  const [{ attributes, cssParts, events }] = customElements().modules[0].declarations;
  const names = (described) => described.map(({ name }) => name).sort();
  const found = (pattern) =>
    [...new Set([...source.matchAll(pattern)].map(([, name]) => name))].sort();
  const [, list] = /const ATTRIBUTES = [^[]*\[([^\]]*)\]/.exec(source);
  const own = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name).sort();
  assert.deepEqual(names(attributes), own);
  assert.deepEqual(names(cssParts), found(/part: '(\w+)'/g));
  assert.deepEqual(names(events), found(/#tell\('(\w+)'/g));
  const typed = /interface GateScopeAttributes {([^}]*)}/.exec(read('package/element.d.ts'))[1];
  assert.deepEqual([...typed.matchAll(/(\w+): string/g)].map(([, name]) => name).sort(), own);
});
