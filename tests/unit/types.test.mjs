// The page's types of the report are those of the schema that the analyser writes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { reportSettings, settingsFile } from '../../scripts/lib/report-settings.mjs';
import { reportShape, shapeFile } from '../../scripts/lib/report-shape.mjs';
import { readSchema, reportTypes, typesFile } from '../../scripts/lib/report-types.mjs';
import { DEFAULTS } from '../../www/report/settings.js';

test('report.d.ts is what `npm run types` writes from the schema', async () => {
  assert.equal(readFileSync(typesFile, 'utf8'), await reportTypes(await readSchema()));
});

test('settings.js is what `npm run types` writes from the schema', async () => {
  assert.equal(readFileSync(settingsFile, 'utf8'), await reportSettings(await readSchema()));
});

test('shape.js is what `npm run types` writes from the schema', async () => {
  assert.equal(readFileSync(shapeFile, 'utf8'), reportShape(await readSchema()));
});

test('each definition of the schema gives one type, under its own name', async () => {
  const schema = await readSchema();
  const types = await reportTypes(schema);
  const names = [...types.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(names.sort(), ['Report', ...Object.keys(schema.$defs)].sort());
});

test('the settings that the page begins with are the defaults of the schema', async () => {
  const { properties } = (await readSchema()).$defs.Settings;
  const defaults = Object.entries(properties).map(([name, { default: value }]) => [name, value]);
  assert.deepEqual(DEFAULTS, Object.fromEntries(defaults));
});

test('docs/report-format.md has the words of every closed set', async () => {
  const { $defs } = await readSchema();
  const text = readFileSync(new URL('../../docs/report-format.md', import.meta.url), 'utf8');
  const [, section] = /^## Words\n([^]*?)^## /m.exec(text);
  const told = section.split('\n').flatMap((line) => {
    const [, , name, words] = line.split('|').map((cell) => cell.trim());
    return $defs[name] ? [[name, words.match(/(?<=`)[^`,]+(?=`)/g)]] : [];
  });
  const sets = Object.entries($defs).flatMap(([name, { enum: words }]) =>
    words ? [[name, words]] : [],
  );
  assert.deepEqual(Object.fromEntries(told), Object.fromEntries(sets));
});
