// The way of the data is seen in the page's folders: who may import whom, without a cycle.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const www = fileURLToPath(new URL('../../www/', import.meta.url));

/**
 * Whom the files of a folder may import besides each other. `report` is what a report means, the
 * model that all others share; `dom` is the ground of everything that draws. `wasm` is what the
 * build puts there.
 */
const MAY_IMPORT = {
  report: [],
  dom: [],
  engine: ['report', 'wasm'],
  package: ['engine', 'report'],
  offline: [],
  app: ['engine', 'report'],
  charts: ['report', 'dom'],
  panels: ['charts', 'report', 'dom'],
  exports: ['panels', 'charts', 'report', 'dom'],
  element: ['exports', 'panels', 'charts', 'styles', 'report', 'dom'],
  'views/parts': ['exports', 'panels', 'app', 'charts', 'report', 'dom'],
  'views/start': ['views/parts', 'app', 'charts', 'report', 'dom'],
  'views/summary': ['views/parts', 'app', 'charts', 'report', 'dom'],
  'views/detail': ['views/parts', 'app', 'charts', 'report', 'dom'],
  'views/several': ['views/detail', 'views/parts', 'app', 'charts', 'report', 'dom'],
  'views/results': [
    'exports',
    'panels',
    'views/summary',
    'views/detail',
    'views/several',
    'views/parts',
    'app',
    'charts',
    'report',
    'dom',
  ],
  // The starts of the page and of the exported file alone stand beside the folders: they join the
  // views to what they show.
  '.': ['views/start', 'views/results', 'views/parts', 'panels', 'app', 'report', 'dom'],
};

/** What the analyser writes or reads, too, stands outside www/ and has one reader each. */
const TABLES = new Map([
  ['report/figures.js', '../docs/figures.json'],
  ['report/reported.js', '../docs/reported.json'],
]);

const files = readdirSync(www, { recursive: true })
  .filter((name) => name.endsWith('.js') && !name.startsWith('wasm'))
  .sort();

/**
 * The files that a file imports, workers included; packages are left out. Types that are imported
 * in comments count, unless it is `code` alone that is asked for.
 */
function importsOf(file, { code = false } = {}) {
  const whole = readFileSync(path.join(www, file), 'utf8');
  const text = code ? whole.replaceAll(/\/\*\*[^]*?\*\//g, '') : whole;
  return [...text.matchAll(/(?:from |import\(|import )'(\.[^'?]*)/g)].map(([, place]) =>
    path.join(path.dirname(file), place),
  );
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));

/** A cycle as the list of its nodes, or null. */
function findCycle(edges) {
  const done = new Set();
  const visit = (node, trail) => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...trail, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const cycle = visit(node, []);
    if (cycle) return cycle;
  }
  return null;
}

test('every file lies in a folder of the list, and imports only from folders that it may', () => {
  for (const [file, imported] of graph) {
    const folder = path.dirname(file);
    assert.ok(folder in MAY_IMPORT, `${file}: ${folder} is not in the list`);
    for (const other of imported)
      assert.ok(
        [folder, ...MAY_IMPORT[folder]].includes(path.dirname(other)) || TABLES.get(file) === other,
        `${file} imports ${other}`,
      );
  }
});

test('there is no cycle between folders, nor between files', () => {
  assert.equal(findCycle(new Map(Object.entries(MAY_IMPORT))), null);
  assert.equal(findCycle(graph), null);
});

/** All files that a file brings with it. */
function closureOf(file, seen = new Set()) {
  for (const other of graph.has(file) ? importsOf(file, { code: true }) : []) {
    if (seen.has(other)) continue;
    seen.add(other);
    closureOf(other, seen);
  }
  return seen;
}

test('the exported file holds the result view without the engine', () => {
  const all = [...closureOf('standalone.js')];
  assert.ok(all.includes('views/results/results.js') && all.includes('panels/index.js'));
  assert.deepEqual(
    all.filter((file) => file.startsWith('engine/') || file === 'app/actions.js'),
    [],
  );
  assert.ok([...closureOf('main.js')].includes('engine/analysis.js'));
});

test('a cycle would be found, and the imports of a file are', () => {
  assert.deepEqual(
    findCycle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
    ['b', 'c', 'b'],
  );
  assert.ok(graph.get('report/metric-words.js').includes('report/comparison.js'));
  assert.ok(graph.get('engine/places.js').includes('engine/worker.js'));
});
