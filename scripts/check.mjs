// npm run check: form, faults, types, spelling and line lengths of all files.
// `npm run check -- --only eslint,tsc` runs some tools, `--staged` the fast ones on what git is
// about to commit.
import { parseArgs } from 'node:util';
import { runTools } from './check/run.mjs';
import { SELF_TEST, TOOLS } from './check/tools.mjs';
import { main, messageOf, Problem } from './lib/problem.mjs';
import { root } from './lib/root.mjs';
import { ask } from './lib/run.mjs';

function readOptions() {
  try {
    const options = /** @type {const} */ ({
      only: { type: 'string' },
      staged: { type: 'boolean', default: false },
    });
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Problem(messageOf(error));
  }
}

const ALL = [...TOOLS, SELF_TEST];

/** @param {string} [only] names of tools, with commas between them */
function chooseTools(only) {
  if (only === undefined) return ALL;
  return only.split(',').map((name) => {
    const tool = ALL.find((candidate) => candidate.name === name);
    if (tool) return tool;
    throw new Problem(
      `there is no tool ${name}; there are ${ALL.map((known) => known.name).join(', ')}.`,
    );
  });
}

/** Files that are added or changed in git's index. */
function listStagedFiles() {
  const listed = ask('git', ['diff', '--cached', '--name-only', '--diff-filter=ACMR', '-z']);
  if (listed === null) throw new Problem('--staged needs git and a repository.');
  return listed.split('\0').filter(Boolean);
}

await main(async () => {
  const { only, staged } = readOptions();
  const tools = chooseTools(only).filter(({ extensions }) => extensions || !staged);
  for (const prepare of new Set(tools.map((tool) => tool.prepare))) await prepare();
  const { passed, failed } = await runTools(tools, root, staged ? listStagedFiles() : undefined);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
});
