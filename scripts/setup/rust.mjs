// The Rust toolchain is the user's own; only the wasm32 target is added to it.
import { existsSync, readFileSync } from 'node:fs';
import { once } from '../lib/promises.mjs';
import { fromRoot } from '../lib/root.mjs';
import { Problem } from '../lib/problem.mjs';
import { ask, say, show, which } from '../lib/run.mjs';
import { installPackages } from './apt.mjs';

const TARGET = 'wasm32-unknown-unknown';

function wantedRust() {
  for (const manifest of ['Cargo.toml', 'crate/Cargo.toml']) {
    const found =
      existsSync(fromRoot(manifest)) &&
      readFileSync(fromRoot(manifest), 'utf8').match(/^rust-version\s*=\s*"([\d.]+)"/m);
    if (found) return found[1];
  }
  return null;
}

/** @param {string} version */
const order = (version) =>
  version.split('.').reduce((sum, part, i) => sum + Number(part) / 10000 ** i, 0);

function checkCargo() {
  const rustc = ask('rustc', ['--version']);
  if (!rustc || !ask('cargo', ['--version'])) {
    throw new Problem(
      'cargo was not found. Install Rust from https://rustup.rs and run the command again.',
    );
  }
  const have = rustc.match(/[\d.]+/)?.[0] ?? '0';
  const wanted = wantedRust();
  if (wanted && order(have) < order(wanted)) {
    throw new Problem(
      `rustc ${have} is too old: Gatescope needs ${wanted} or newer. ` +
        (which('rustup') ? 'Run: rustup update' : 'Install Rust from https://rustup.rs.'),
    );
  }
}

async function ensureTarget() {
  const libdir = ask('rustc', ['--print', 'target-libdir', '--target', TARGET]);
  if (libdir && existsSync(libdir)) return;
  if (!which('rustup')) {
    throw new Problem(
      `this Rust lacks the ${TARGET} target and was installed without rustup. ` +
        "Install Rust from https://rustup.rs, or your distribution's package of that target.",
    );
  }
  say(`adding the Rust target ${TARGET}`);
  await show(`the Rust target ${TARGET} could not be added`, 'rustup', ['target', 'add', TARGET], {
    quiet: true,
  });
}

/** cargo, a linker for host programs (build scripts, tools) and the wasm32 target. */
export const ensureRust = once(async () => {
  checkCargo();
  if (!which('cc'))
    await installPackages(['gcc', 'libc6-dev'], 'no C linker (`cc`) was found; Rust needs one.');
  await ensureTarget();
});

/** rustfmt and clippy, which come with rustup's default profile, but not with its minimal one. */
export const ensureRustLinters = once(async () => {
  await ensureRust();
  for (const [name, program] of [
    ['rustfmt', 'rustfmt'],
    ['clippy', 'clippy-driver'],
  ]) {
    if (ask(program, ['--version']) !== null) continue;
    const missing = `this Rust lacks ${name}.`;
    if (!which('rustup')) throw new Problem(`${missing} Install Rust from https://rustup.rs.`);
    say(`adding the Rust component ${name}`);
    await show(missing, 'rustup', ['component', 'add', name], { quiet: true });
  }
});
