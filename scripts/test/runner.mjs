// Runs one suite: its output is shown as it comes and read for the counts at its end.
import { spawn } from 'node:child_process';
import { Problem } from '../lib/problem.mjs';
import { root } from '../lib/root.mjs';
import { toolEnv } from '../lib/run.mjs';

const LIMIT_MINUTES = 45;

/** Ends the suite and everything it started: browsers and drivers would outlive their parent. */
function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function execute({ command, args, env }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: toolEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const interrupt = () => {
      endGroup(child);
      process.exit(130);
    };
    const signals = ['SIGINT', 'SIGTERM'];
    signals.forEach((signal) => process.on(signal, interrupt));
    const timer = setTimeout(() => {
      console.error(`not finished after ${LIMIT_MINUTES} minutes: stopped`);
      endGroup(child);
    }, LIMIT_MINUTES * 60_000);

    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
      process.stderr.write(chunk);
    });
    child.on('error', (error) => {
      console.error(error.message);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      signals.forEach((signal) => process.off(signal, interrupt));
      resolve({ ok: code === 0, output });
    });
  });
}

/** A suite that dies, says nothing or runs no test has failed, whatever it printed before. */
export function verdict(ok, counts) {
  if (!counts || counts.passed + counts.failed === 0)
    return { passed: 0, failed: 1, note: 'no tests ran' };
  if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'ended with an error' };
  return counts;
}

export async function runSuite(suite) {
  const began = performance.now();
  console.log(`\n=== ${suite.name}: ${suite.about}`);
  let result;
  try {
    const { ok, output } = await execute(await suite.prepare());
    result = verdict(ok, suite.counts(output));
  } catch (error) {
    console.error(error instanceof Problem ? `error: ${error.message}` : error);
    result = { passed: 0, failed: 1, note: 'could not be set up' };
  }
  return { name: suite.name, seconds: (performance.now() - began) / 1000, ...result };
}
