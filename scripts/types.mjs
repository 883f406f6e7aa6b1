// npm run types: the report's types and shape and the settings' defaults and limits for the page,
// from the schema that the analyser writes.
import { writeFile } from 'node:fs/promises';
import { main } from './lib/problem.mjs';
import { reportShape, shapeFile } from './lib/report-shape.mjs';
import { reportSettings, settingsFile } from './lib/report-settings.mjs';
import { readSchema, reportTypes, typesFile } from './lib/report-types.mjs';

await main(async () => {
  const schema = await readSchema();
  await writeFile(typesFile, await reportTypes(schema));
  await writeFile(settingsFile, await reportSettings(schema));
  await writeFile(shapeFile, reportShape(schema));
  console.log(`wrote ${typesFile}, ${settingsFile} and ${shapeFile}`);
});
