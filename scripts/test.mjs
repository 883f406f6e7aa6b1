// npm test: every suite, then a table, then the line `N passed, N failed`.
// `npm test -- --only rust,e2e` runs some of them.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { main, messageOf, Problem } from './lib/problem.mjs';
import { fromRoot } from './lib/root.mjs';
import { checkNode } from './setup/npm.mjs';
import { runSuites } from './test/runner.mjs';
import { suites } from './test/suites.mjs';

function readOptions() {
  try {
    return parseArgs({ options: { only: { type: 'string' } } }).values;
  } catch (error) {
    throw new Problem(messageOf(error));
  }
}

/** @param {string} [only] names of suites, with commas between them */
function chooseSuites(only) {
  if (only === undefined)
    return suites.filter((suite) => !suite.folder || existsSync(fromRoot(suite.folder)));
  return only.split(',').map((name) => {
    const suite = suites.find((candidate) => candidate.name === name);
    if (suite) return suite;
    throw new Problem(
      `there is no suite ${name}; there are ${suites.map((known) => known.name).join(', ')}.`,
    );
  });
}

/** @param {import('./test/runner.mjs').Result[]} results */
function printTable(results) {
  const rows = results.map(({ name, passed, failed, seconds, note = '' }) => [
    ...[name, String(passed), String(failed), seconds.toFixed(1)],
    note,
  ]);
  console.log('');
  for (const [name, passed, failed, seconds, note] of [
    ['suite', 'passed', 'failed', 'seconds', ''],
    ...rows,
  ]) {
    const cells = [name.padEnd(12), passed.padStart(8), failed.padStart(8), seconds.padStart(9)];
    console.log(`${cells.join('')}  ${note}`.trimEnd());
  }
}

await main(async () => {
  checkNode();
  const results = await runSuites(chooseSuites(readOptions().only));
  printTable(results);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
});
