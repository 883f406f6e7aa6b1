// Child processes: captured (short questions to tools) or shown (work the user waits for).
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { npmBin, root, toolsBin } from './root.mjs';
import { Problem } from './problem.mjs';

/**
 * The environment of every child: our pinned tools first, then the user's PATH.
 *
 * @param {Record<string, string>} [extra]
 */
export function toolEnv(extra = {}) {
  const cargoBin = path.join(os.homedir(), '.cargo', 'bin');
  // rustup's installer leaves PATH to the next login; a shell opened before that would not find
  // cargo.
  const late = existsSync(cargoBin) ? [cargoBin] : [];
  const PATH = [toolsBin, npmBin, process.env.PATH ?? '', ...late].join(path.delimiter);
  return { ...process.env, PATH, ...extra };
}

/**
 * Standard output of a command, trimmed, or null where it is missing or fails.
 *
 * @param {string} command
 * @param {string[]} [args]
 */
export function ask(command, args = []) {
  const result = spawnSync(command, args, { env: toolEnv(), cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

/**
 * Full path of a program on PATH, or null.
 *
 * @param {string} name
 */
export function which(name) {
  for (const directory of toolEnv().PATH.split(path.delimiter)) {
    const candidate = path.join(directory, name);
    if (directory && existsSync(candidate)) return candidate;
  }
  return null;
}

/**
 * Runs a command with its output shown, or kept for a failure where it is to be `quiet`; rejects
 * with a Problem saying `what` went wrong when it fails.
 *
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options]
 * @returns {Promise<void>}
 */
export function show(what, command, args, { env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: toolEnv(env),
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    });
    const claim = what.replace(/\.$/, '');
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        log += chunk;
      });
    const ran = `\`${[path.basename(command), ...args].join(' ')}\``;
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      reject(new Problem(`${claim}: ${ran} could not be started (${error.code}).`)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      if (log) process.stderr.write(log);
      return reject(
        new Problem(
          `${claim}: ${ran} ended with ${signal ?? `exit code ${code}`}; its own message is above.`,
        ),
      );
    });
  });
}

/**
 * Runs a command to its end, its output kept back: what several commands print at once would mix.
 *
 * @param {string[]} command the program and its arguments
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>} `ok` is false for one that cannot be started
 */
export function capture([program, ...args], { cwd = root, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: toolEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * One line saying that something slow is beginning, on stderr so that stdout stays the script's
 * result.
 *
 * @param {string} line
 */
export function say(line) {
  console.error(`[gatescope] ${line}`);
}
