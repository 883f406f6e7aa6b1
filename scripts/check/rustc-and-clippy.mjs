#!/usr/bin/env node
// In place of rustc for the crate itself (cargo's RUSTC_WORKSPACE_WRAPPER, which hands it the path
// of rustc and its arguments): compiles as rustc does, and has clippy look at the same sources with
// the same compiled dependencies. `cargo clippy` would go through all of those a second time.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const [rustc, ...args] = process.argv.slice(2);

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
const exitCodeOf = (child) =>
  new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });

/**
 * Changes rustc's arguments so that clippy checks and compiles nothing.
 *
 * @param {string} folder where the metadata goes, which is not used
 */
const lookOnly = (folder) =>
  args.map((arg, i) => {
    if (arg.startsWith('--emit=')) return '--emit=metadata';
    if (args[i - 1] === '--out-dir') return folder;
    // cargo would take its messages about files for those of rustc.
    return arg.startsWith('--json=') ? arg.replace(/,?\bartifacts\b/, '').replace('=,', '=') : arg;
  });

/**
 * Standard streams and the two pipes by which cargo tells rustc how many threads it may start.
 *
 * @returns {import('node:child_process').StdioOptions}
 */
function withJobserver() {
  const pipes = process.env.CARGO_MAKEFLAGS?.match(/--jobserver-auth=(\d+),(\d+)/) ?? [];
  /** @type {('inherit' | 'ignore' | number)[]} */
  const streams = ['inherit', 'inherit', 'inherit'];
  for (const pipe of pipes.slice(1).map(Number)) {
    while (streams.length <= pipe) streams.push('ignore');
    streams[pipe] = pipe;
  }
  return streams;
}

/** Both at once. rustc leaves the warnings to clippy, which has all of them and more. */
async function compileAndLint() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-clippy-'));
  try {
    const rust = spawn(rustc, [...args, '--cap-lints=allow'], { stdio: withJobserver() });
    const { CARGO_MAKEFLAGS: _, ...env } = process.env;
    const clippy = spawn('clippy-driver', [rustc, ...lookOnly(folder)], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [compiled, linted, findings] = await Promise.all([
      exitCodeOf(rust),
      exitCodeOf(clippy),
      text(clippy.stderr),
    ]);
    // Where the sources do not compile, rustc has said so.
    if (compiled === 0) process.stderr.write(findings);
    return compiled || linted;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// cargo also asks rustc for its version and targets this way.
const compiles = args.some((arg) => arg.startsWith('--emit='));
process.exitCode = await (compiles
  ? compileAndLint()
  : exitCodeOf(spawn(rustc, args, { stdio: withJobserver() })));
