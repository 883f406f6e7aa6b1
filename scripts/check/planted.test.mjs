// Every tool of the check finds a fault that is planted for it in a small copy of the repository,
// and nothing where there is none.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fromRoot } from '../lib/root.mjs';
import { runTool } from './run.mjs';
import { TOOLS } from './tools.mjs';

/** What the tools read about how they are to work. */
const SETTINGS = [
  ...['.gitignore', '.prettierignore', '.prettierrc.json', 'eslint.config.js', 'package.json'],
  ...['ruff.toml', 'rustfmt.toml', 'taplo.toml', 'typos.toml'],
];

/** @type {Record<string, string>} */
const CLEAN = {
  'Cargo.toml': '[package]\nname = "planted"\nedition = "2024"\n',
  'Cargo.lock': 'version = 4\n\n[[package]]\nname = "planted"\nversion = "0.0.0"\n',
  'src/lib.rs': '//! A crate.\n\n/// Adds.\npub fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n',
  'scripts/add.mjs': '/** @param {number} a */\nexport function addOne(a) {\n  return a + 1;\n}\n',
  'tsconfig.json':
    '{\n  "compilerOptions": { "checkJs": true, "strict": true, "types": [] },\n' +
    '  "include": ["scripts"]\n}\n',
  'tests/add.py': 'def add(a, b):\n    return a + b\n',
};

/**
 * For each tool the files that are a fault to it and, which the last column says, what its output
 * must name beside the file.
 *
 * @type {[tool: string, file: string, text: string, named: RegExp][]}
 */
const FAULTS = [
  ['rustfmt', 'src/lib.rs', '//! A crate.\npub fn add(a:u32,b:u32)->u32{a+b}\n', /Diff in/],
  [
    'clippy',
    'src/lib.rs',
    '//! A crate.\n\n/// One.\npub fn one() -> u32 {\n    return 1;\n}\n',
    /needless_return/,
  ],
  [
    'clippy-wasm',
    'src/lib.rs',
    '//! A crate.\n\n#[cfg(target_arch = "wasm32")]\nfn unused() {}\n',
    /never used/,
  ],
  ['prettier', 'scripts/add.mjs', 'export const a = {b:1}\n', /Code style issues/],
  ['eslint', 'scripts/add.mjs', 'export const a = (b) => b == c;\n', /'c' is not defined/],
  [
    'tsc',
    'scripts/add.mjs',
    '/** @param {number} a */\nexport const double = (a) => a.repeat(2);\n',
    /TS2339/,
  ],
  ['ruff', 'tests/add.py', 'import os\n\n\ndef add(a, b):\n    return a + c\n', /F821/],
  ['ruff-format', 'tests/add.py', "def add(a,b): return a+'b'\n", /would be reformatted/],
  // Put together here, or the check of this file would find it.
  ['typos', 'scripts/add.mjs', `// Two words are ${'sepe'}rate.\n`, /separate/],
  ['taplo', 'taplo-fault.toml', 'a=1\n', /not properly formatted/],
  ['line-length', 'src/lib.rs', `//! A crate${' of words'.repeat(12)}.\n`, /:1: 120 columns/],
];

/**
 * A folder with the repository's settings and `files`, which is removed when the test has ended.
 *
 * @param {import('node:test').TestContext} context
 * @param {Record<string, string>} files
 */
function makeCopy(context, files) {
  // Outside the repository, whose .gitignore some tools would follow.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gatescope-check-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of SETTINGS) cpSync(fromRoot(name), path.join(folder, name));
  symlinkSync(fromRoot('node_modules'), path.join(folder, 'node_modules'), 'junction');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

for (const tool of TOOLS) {
  test(`${tool.name} finds a planted fault and nothing else`, async (context) => {
    const clean = makeCopy(context, CLEAN);
    const found = await runTool(tool, clean);
    assert.ok(found.ok, `without a fault:\n${found.output}`);

    const faults = FAULTS.filter(([name]) => name === tool.name);
    assert.ok(faults.length > 0, 'no fault is planted for this tool');
    for (const [, file, text, named] of faults) {
      const { ok, output } = await runTool(tool, makeCopy(context, { ...CLEAN, [file]: text }));
      assert.equal(ok, false, `${file} has a fault that is not found`);
      assert.match(output, named);
      assert.ok(output.includes(path.basename(file)), `${file} is not named:\n${output}`);
    }
  });
}
