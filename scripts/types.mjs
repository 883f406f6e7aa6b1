// npm run types: the report's types for the page, from the schema that the analyser writes.
import { writeFile } from 'node:fs/promises';
import { main } from './lib/problem.mjs';
import { readSchema, reportTypes, typesFile } from './lib/report-types.mjs';

await main(async () => {
  await writeFile(typesFile, await reportTypes(await readSchema()));
  console.log(`wrote ${typesFile}`);
});
