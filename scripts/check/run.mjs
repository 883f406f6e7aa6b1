// Runs the tools of `npm run check` and says what each found.
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { capture } from '../lib/run.mjs';

/** @typedef {import('./tools.mjs').Tool} Tool */

/**
 * What a tool has to say about a folder.
 *
 * @param {Tool} tool
 * @param {string} folder
 * @param {string[]} [files] only these, relative to the folder
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function runTool(tool, folder, files) {
  const findings = tool.find?.(folder, files);
  if (findings) {
    return { ok: findings.length === 0, output: findings.map((line) => `${line}\n`).join('') };
  }
  const results = [];
  for (const command of tool.commands?.(folder, files) ?? []) {
    const { ok, output } = await capture(command, { cwd: folder });
    const found = tool.finding?.test(stripVTControlCharacters(output)) ?? false;
    results.push({ ok: ok && !found, output });
  }
  return {
    ok: results.every(({ ok }) => ok),
    output: results
      .filter(({ ok }) => !ok)
      .map(({ output }) => output)
      .join(''),
  };
}

/**
 * Runs one tool and prints its line; what it found comes before the line, whole.
 *
 * @param {Tool} tool
 * @param {string} folder
 * @param {string[]} [files]
 */
async function reportTool(tool, folder, files) {
  const began = performance.now();
  const { ok, output } = await runTool(tool, folder, files);
  const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  if (ok) console.log(`ok      ${tool.name.padEnd(14)}${seconds.padStart(7)}`);
  else
    console.log(
      `\n${output.trimEnd()}\nFAILED  ${tool.name.padEnd(14)}${seconds.padStart(7)}` +
        `  ${tool.about}. To mend: ${tool.mend}.\n`,
    );
  return ok;
}

/**
 * The tools that look at any of `files`, each with those of them that it looks at.
 *
 * @param {Tool[]} tools
 * @param {string[]} [files]
 * @returns {{ tool: Tool, files?: string[] }[]}
 */
function chooseTools(tools, files) {
  if (!files) return tools.map((tool) => ({ tool }));
  return tools
    .map((tool) => {
      const { extensions = [] } = tool;
      const looksAt = (/** @type {string} */ file) =>
        extensions === 'all' || extensions.includes(path.extname(file));
      return { tool, files: files.filter(looksAt) };
    })
    .filter((choice) => choice.files.length > 0);
}

/**
 * Runs all tools, one lane beside the other: cargo has the one core, the small tools the other.
 *
 * @param {Tool[]} tools
 * @param {string} folder
 * @param {string[]} [files] only these
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runTools(tools, folder, files) {
  const chosen = chooseTools(tools, files);
  /** @param {Tool['lane']} lane */
  const runLane = async (lane) => {
    const passed = [];
    for (const { tool, files: own } of chosen.filter((choice) => choice.tool.lane === lane))
      passed.push(await reportTool(tool, folder, own));
    return passed;
  };
  const passed = (await Promise.all([runLane('rust'), runLane('other')])).flat();
  return {
    passed: passed.filter(Boolean).length,
    failed: passed.filter((ok) => !ok).length,
  };
}
