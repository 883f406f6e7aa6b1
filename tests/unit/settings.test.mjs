// Settings as the page and `npm run analyze` take them: the limits are those of the schema.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readOptions } from '../../scripts/analyze/options.mjs';
import {
  describeDifferences,
  describeLimits,
  isWithin,
  parseAlphas,
  parseNumber,
  parseRenamings,
  showRenamings,
} from '../../www/app/settings-text.js';
import { DEFAULTS, LIMITS, WORDS } from '../../www/report/settings.js';

const OPTIONS = {
  k: '--k',
  alphas: '--alpha',
  eta: '--eta',
  exact_limit: '--exact-limit',
  map_side: '--map-side',
};

/** Numbers just inside of and just outside of limits. */
function findEnds({ whole, minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const step = whole ? 1 : 1e-9;
  const ends = [
    [minimum, 0, -step],
    [maximum, 0, step],
    [exclusiveMinimum, step, 0],
    [exclusiveMaximum, -step, 0],
  ].filter(([end]) => end !== undefined);
  return {
    inside: ends.map(([end, inside]) => end + inside),
    outside: [...ends.map(([end, , outside]) => end + outside), ...(whole ? [1.5] : []), NaN],
  };
}

/** What the command line says of an option; checkpoints do not exist, which it finds out later. */
function tryOption(...option) {
  try {
    readOptions(['--tuned', 'none', '--out', 'none', ...option]);
  } catch (error) {
    return error.message;
  }
  return '';
}

test('page and command line take what the schema allows, and nothing else', () => {
  for (const [name, limits] of Object.entries(LIMITS)) {
    const { inside, outside } = findEnds(limits);
    const parse =
      name === 'alphas' ? (text) => parseAlphas(text)[0] : (t) => parseNumber(t, limits);
    for (const value of inside) {
      assert.equal(parse(String(value)), value, name);
      if (OPTIONS[name]) assert.match(tryOption(OPTIONS[name], String(value)), /does not exist/);
    }
    for (const value of outside) {
      assert.throws(() => parse(String(value)), /^Error: Expected /, `${name} ${value}`);
      const said = OPTIONS[name] ? tryOption(`${OPTIONS[name]}=${value}`) : describeLimits(limits);
      assert.ok(said.includes(describeLimits(limits)), said);
    }
  }
});

test('prefixes are renamed in pairs', () => {
  const typed = 'model.language_model.=model., actor.=';
  const pairs = [
    ['model.language_model.', 'model.'],
    ['actor.', ''],
  ];
  assert.deepEqual(parseRenamings(typed), pairs);
  assert.equal(showRenamings(pairs), typed);
  assert.deepEqual(parseRenamings(' '), []);
  assert.match(tryOption('--rename', 'actor.='), /does not exist/);
  for (const wrong of ['actor', 'a.=a', '=', 'a=b=c']) {
    assert.throws(() => parseRenamings(wrong), /^Error: Expected /, wrong);
    assert.match(tryOption(`--rename=${wrong}`), /Expected prefixes/, wrong);
  }
  assert.deepEqual(describeDifferences({ ...DEFAULTS, rename: pairs }), [
    `renamed prefixes ${typed} (default none)`,
  ]);
});

test('the defaults lie within the limits', () => {
  for (const [name, limits] of Object.entries(LIMITS))
    for (const value of [DEFAULTS[name]].flat()) assert.ok(isWithin(value, limits), name);
});

test('limits read as words', () => {
  assert.deepEqual(
    ['k', 'alphas', 'eta', 'map_side'].map((name) => describeLimits(LIMITS[name])),
    [
      'a whole number from 1',
      'a number between 0 and 1',
      'a number from 0 and below 1',
      'a whole number from 0 to 256',
    ],
  );
});

test('the command line takes the words of the schema, and the old name of an option', () => {
  for (const [option, words] of [
    ['--comparison', WORDS.comparison],
    ['--span', WORDS.comparison],
    ['--backend', WORDS.backend],
  ]) {
    for (const word of words) assert.match(tryOption(option, word), /does not exist/);
    const refused = tryOption(option, 'else');
    assert.ok(refused.includes(option) && refused.includes(words.join(', ')), refused);
  }
});

test('an option of either name becomes the setting', () => {
  const tiny = fileURLToPath(new URL('../reference/fixtures/tiny/', import.meta.url));
  const args = ['--base', `${tiny}base`, '--tuned', `${tiny}tuned`, '--out', `${tiny}none.json`];
  for (const option of ['--comparison', '--span'])
    assert.equal(readOptions([...args, option, 'steps']).settings.comparison, 'steps', option);
});
