// Answers of a long run leave the page's memory, and come to the report each once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Packs, listTexts, readTexts } from '../../www/engine/packs.js';

const answer = (name, failed = false) => ({
  results: JSON.stringify({ tensors: [[0, { name }]], overlaps: [] }),
  stages: {},
  failed,
});

async function readNames(answers) {
  const names = [];
  await readTexts(listTexts(answers), (text) => names.push(JSON.parse(text).tensors[0][1].name));
  return names.sort();
}

test('texts are packed many together, and each is read once', async () => {
  const packs = new Packs({ most: 80 });
  const answers = ['a\nb', 'ü', 'c', 'd', 'e'].map((name) => answer(name));
  answers.forEach((one) => packs.add(one));
  const packed = answers.filter(({ results }) => typeof results !== 'string');
  assert.equal(packed.length, 4, 'two at a time, and one is open');
  assert.equal(listTexts(answers).length, 3);
  assert.deepEqual(await readNames(answers), ['a\nb', 'c', 'd', 'e', 'ü']);
});

test('what failed is packed with nothing else, and no text is packed twice', async () => {
  const packs = new Packs({ most: 1 });
  const [good, bad] = [answer('good'), answer('bad', true)];
  [good, bad, good].forEach((one) => packs.add(one));
  assert.equal(typeof bad.results, 'string');
  assert.deepEqual(await readNames([good, bad]), ['bad', 'good']);
  assert.deepEqual(await readNames([good]), ['good']);
});
