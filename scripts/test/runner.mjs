// Runs suites, some side by side: a suite's output is read for the counts at its end.
import { spawn } from 'node:child_process';
import { inspect } from 'node:util';
import { Problem } from '../lib/problem.mjs';
import { makeSignal } from '../lib/promises.mjs';
import { root } from '../lib/root.mjs';
import { toolEnv } from '../lib/run.mjs';

/**
 * @typedef {import('./suites.mjs').Suite} Suite
 * @typedef {import('./suites.mjs').Command} Command
 * @typedef {import('./suites.mjs').Counts} Counts
 * @typedef {Counts & { note?: string }} Verdict
 * @typedef {Verdict & { name: string, seconds: number }} Result
 * @typedef {Map<string | undefined, ReturnType<typeof makeSignal>>} Ends by the suites' names
 */

const LIMIT_MINUTES = 45;

/** Lanes of suites that run side by side. @type {Suite['lane'][]} */
const LANES = ['cargo', 'other', 'browser'];

/**
 * Ends the suite and everything it started: browsers and drivers would outlive their parent.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function endGroup(child) {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/**
 * @param {Command} command
 * @param {(text: string) => void} print
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
function execute({ command, args, env }, print) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: toolEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const interrupt = () => {
      endGroup(child);
      process.exitCode = 130;
      // The listeners of suites beside this one end theirs.
      setImmediate(() => process.exit());
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM']);
    signals.forEach((signal) => process.on(signal, interrupt));
    const timer = setTimeout(() => {
      print(`not finished after ${LIMIT_MINUTES} minutes: stopped\n`);
      endGroup(child);
    }, LIMIT_MINUTES * 60_000);

    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
        print(chunk);
      });
    child.on('error', (error) => print(`${error.message}\n`));
    child.on('close', (code) => {
      clearTimeout(timer);
      signals.forEach((signal) => process.off(signal, interrupt));
      resolve({ ok: code === 0, output });
    });
  });
}

/**
 * A suite that dies, says nothing or runs no test has failed, whatever it printed before.
 *
 * @param {boolean} ok
 * @param {Counts | null} counts
 * @returns {Verdict}
 */
export function verdict(ok, counts) {
  if (!counts || counts.passed + counts.failed === 0)
    return { passed: 0, failed: 1, note: 'no tests ran' };
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'ended with an error' };
  return counts;
}

/**
 * @param {Suite} suite
 * @param {(text: string) => void} print
 * @param {object} [options]
 * @param {() => Promise<Command>} [options.prepare]
 * @param {Promise<unknown>} [options.turn] what it waits for when it is prepared
 * @returns {Promise<Result>}
 */
async function runSuite(suite, print, { prepare = suite.prepare, turn } = {}) {
  let began = performance.now();
  let result;
  try {
    const command = await prepare();
    const waited = performance.now();
    await turn;
    began += performance.now() - waited;
    const { ok, output } = await execute(command, print);
    result = verdict(ok, suite.counts(output));
  } catch (error) {
    print(error instanceof Problem ? `error: ${error.message}\n` : `${inspect(error)}\n`);
    result = { passed: 0, failed: 1, note: 'could not be set up' };
  }
  return { name: suite.name, seconds: (performance.now() - began) / 1000, ...result };
}

/** @param {string} text */
const writeOut = (text) => void process.stdout.write(text);
/** @param {Suite} suite */
const titleOf = ({ name, about }) => `\n=== ${name}: ${about}\n`;

/**
 * Runs suites one after the other, each with its output as it comes.
 *
 * @param {Suite[]} suites
 * @param {Map<Suite, Promise<Command>>} [prepared] those that were prepared ahead
 */
async function runInTurn(suites, prepared = new Map()) {
  const results = [];
  for (const suite of suites) {
    writeOut(titleOf(suite));
    const prepare = async () => prepared.get(suite) ?? suite.prepare();
    results.push(await runSuite(suite, writeOut, { prepare }));
  }
  return results;
}

/**
 * Runs suites one after the other beside those of other lanes: the output of each is kept until its
 * end and then printed whole.
 *
 * @param {Suite[]} suites
 * @param {Ends} ends
 */
async function runBesideOthers(suites, ends) {
  const results = [];
  for (const suite of suites) {
    const output = [titleOf(suite)];
    writeOut(`[${suite.name} begins]\n`);
    const turn = ends.get(suite.after)?.promise;
    results.push(await runSuite(suite, (text) => output.push(text), { turn }));
    ends.get(suite.name)?.resolve();
    writeOut(output.join(''));
  }
  return results;
}

/**
 * Runs all suites and returns their results in the suites' order.
 *
 * @param {Suite[]} suites
 * @returns {Promise<Result[]>}
 */
export async function runSuites(suites) {
  /** @param {Suite['lane']} lane */
  const inLane = (lane) => suites.filter((suite) => suite.lane === lane);
  const lanes = LANES.map(inLane).filter((lane) => lane.length > 0);
  const alone = inLane('alone');
  /** @type {Ends} */
  const ends = new Map(suites.map(({ name }) => [name, makeSignal()]));
  /** @type {Map<Suite, Promise<Command>>} */
  const prepared = new Map();
  // What fails here and below is told by the suite that needs it.
  for (const suite of suites) suite.ahead?.().catch(() => {});
  const prepareAhead = async () => {
    for (const suite of alone) {
      const command = suite.prepare();
      prepared.set(suite, command);
      await command.catch(() => {});
    }
  };
  const results = (
    await Promise.all(
      lanes.map(async (lane, i) => {
        const found = lanes.length > 1 ? await runBesideOthers(lane, ends) : await runInTurn(lane);
        if (i === lanes.length - 1) await prepareAhead();
        return found;
      }),
    )
  ).flat();
  results.push(...(await runInTurn(alone, prepared)));
  return suites.flatMap(({ name }) => results.filter((result) => result.name === name));
}
