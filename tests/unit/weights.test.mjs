// Names of files that may hold weights. The crate is held to the same list.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { isWeights } from '../../www/app/weights.js';

test('a name tells whether a file may hold weights, as natively', () => {
  const names = JSON.parse(readFileSync(new URL('weights-names.json', import.meta.url), 'utf8'));
  for (const [name, holds] of Object.entries(names)) {
    assert.equal(isWeights(name), holds, name);
    assert.equal(isWeights(`folder.bin/${name}`), holds, name);
  }
});
