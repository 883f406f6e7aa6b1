// npm test: every suite, then a table, then the line `N passed, N failed`.
// `npm test -- --only rust,e2e` runs some of them.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { main, Problem } from './lib/problem.mjs';
import { fromRoot } from './lib/root.mjs';
import { checkNode } from './setup/npm.mjs';
import { runSuite } from './test/runner.mjs';
import { suites } from './test/suites.mjs';

function chosen() {
  let values;
  try {
    ({ values } = parseArgs({ options: { only: { type: 'string' } } }));
  } catch (error) {
    throw new Problem(error.message);
  }
  if (values.only === undefined)
    return suites.filter((suite) => !suite.folder || existsSync(fromRoot(suite.folder)));
  return values.only.split(',').map((name) => {
    const suite = suites.find((one) => one.name === name);
    if (!suite)
      throw new Problem(
        `there is no suite ${name}; there are ${suites.map((one) => one.name).join(', ')}.`,
      );
    return suite;
  });
}

function table(results) {
  console.log(
    `\n${'suite'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'seconds'.padStart(9)}`,
  );
  for (const { name, passed, failed, seconds, note = '' } of results) {
    console.log(
      `${name.padEnd(12)}${String(passed).padStart(8)}${String(failed).padStart(8)}${seconds.toFixed(1).padStart(9)}  ${note}`.trimEnd(),
    );
  }
}

await main(async () => {
  checkNode();
  const results = [];
  for (const suite of chosen()) results.push(await runSuite(suite));
  table(results);
  const sum = (key) => results.reduce((whole, result) => whole + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
});
