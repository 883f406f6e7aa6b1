// npm run measure:setup: how long a fresh clone takes until it serves the page, builds the native
// program, passes its tests and tests one changed figure. Takes as long as all of them together.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { main, Problem } from './lib/problem.mjs';
import { root } from './lib/root.mjs';
import { say, toolEnv } from './lib/run.mjs';

const PORT = 4199;
const FIGURE = ['crate', 'src', 'figures', 'fisher'];

/**
 * @param {string} folder
 * @param {string[]} command
 */
const begin = (folder, [program, ...args]) =>
  spawn(program, args, { cwd: folder, env: toolEnv(), stdio: ['ignore', 2, 2], detached: true });

/**
 * @param {string} folder
 * @param {string[]} command
 * @returns {Promise<void>}
 */
const runToEnd = (folder, command) =>
  new Promise((resolve, reject) => {
    const failed = new Problem(`\`${command.join(' ')}\` failed; its own message is above.`);
    begin(folder, command)
      .on('error', reject)
      .on('close', (code) => (code === 0 ? resolve() : reject(failed)));
  });

/** @param {string} folder */
async function startUntilItAnswers(folder) {
  const child = begin(folder, ['npm', 'start', '--', '--port', String(PORT)]);
  try {
    while (!(await fetch(`http://localhost:${PORT}`).catch(() => null))) {
      if (child.exitCode !== null) throw new Problem('npm start ended before it answered.');
      await wait(200);
    }
  } finally {
    if (child.pid) process.kill(-child.pid);
  }
}

/** @param {string} folder */
async function testOneFigure(folder) {
  const now = new Date();
  utimesSync(path.join(folder, ...FIGURE, 'mod.rs'), now, now);
  await runToEnd(folder, ['cargo', 'test', '--release', '-p', 'gatescope', '--lib', 'fisher']);
}

/** @type {[step: string, run: (folder: string) => Promise<void>][]} */
const STEPS = [
  ['npm start, until the page is served', startUntilItAnswers],
  [
    'native program',
    (folder) => runToEnd(folder, ['cargo', 'build', '--release', '--locked', '-p', 'gatescope']),
  ],
  ['npm test', (folder) => runToEnd(folder, ['npm', 'test'])],
  ['one figure changed and tested', testOneFigure],
];

await main(async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'gatescope-setup-'));
  const folder = path.join(parent, 'gatescope');
  try {
    await runToEnd(root, ['git', 'clone', '--quiet', root, folder]);
    const rows = [];
    for (const [step, run] of STEPS) {
      say(`measuring: ${step}`);
      const began = performance.now();
      await run(folder);
      rows.push(
        `${step.padEnd(40)}${((performance.now() - began) / 1000).toFixed(0).padStart(6)} s`,
      );
    }
    console.log(`${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim()}`);
    console.log(rows.join('\n'));
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
