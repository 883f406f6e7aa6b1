// The table of figures for other people's pages: what draws a figure comes first, what explains it
// comes after the figure is there.
import { readFileSync } from 'node:fs';

/** Nothing in www/ reads these. */
const UNREAD = ['csv', 'bare', 'rollup', 'derived', 'sweep', 'source'];
const UNREAD_OF_CHANCE = ['derived', 'of_all_matrices'];

/** What stands behind the ⓘ of a figure. */
const TEXTS = ['about', 'formula', 'read_against', 'reported'];

/** The module that has the texts; www/element/texts.js asks for it. */
export const TEXTS_MODULE = 'virtual:figure-texts';

/**
 * Fields taken out of an object, and the object without them.
 *
 * @param {Record<string, any>} object
 * @param {string[]} keys
 */
function takeOut(object, keys) {
  const entries = Object.entries(object);
  return {
    taken: Object.fromEntries(entries.filter(([key]) => keys.includes(key))),
    rest: Object.fromEntries(entries.filter(([key]) => !keys.includes(key))),
  };
}

/**
 * The table in parts: with empty texts, the texts by the id of their figure, and the titles of the
 * sources.
 *
 * @param {string} json
 */
export function splitFigures(json) {
  const table = JSON.parse(json);
  /** @type {Record<string, Record<string, unknown>>} */
  const texts = {};
  // Rows that no page shows draw nothing.
  const shown = table.figures.filter(
    (/** @type {{ page: string }} */ { page }) => page !== 'nowhere',
  );
  const figures = shown.map((/** @type {Record<string, any>} */ figure) => {
    const { taken, rest } = takeOut(takeOut(figure, UNREAD).rest, TEXTS);
    texts[figure.id] = taken;
    const core = { ...rest, about: '', formula: '', read_against: null, reported: null };
    if (!figure.chance) return core;
    const chance = takeOut(takeOut(figure.chance, UNREAD_OF_CHANCE).rest, ['formula']);
    texts[figure.id].chance = chance.taken;
    return { ...core, chance: { ...chance.rest, formula: '' } };
  });
  /** @type {Record<string, string | null>} */
  const titles = {};
  const sources = Object.fromEntries(
    Object.entries(table.sources).map(([name, { title, ...source }]) => {
      titles[name] = title;
      return [name, source];
    }),
  );
  return { table: { ...table, sources, figures }, texts, titles };
}

/**
 * Where most figures are in a report. Written into the module, too, so that it stands alone.
 *
 * @param {{ id: string, family: string }} figure
 */
const likelyFigure = ({ id, family }) => ({ path: `${family}.${id}` });

/**
 * The same of their chance levels.
 *
 * @param {{ id: string, family: string }} figure
 */
const likelyChance = ({ id, family }) => ({
  name: `${id}_chance`,
  path: `${family}.chance.${id}`,
  constant: null,
  ends: false,
  deviation: null,
  formula: '',
});

/**
 * The entries of an object that are not those of another.
 *
 * @param {Record<string, any>} object
 * @param {Record<string, any>} other
 */
const differing = (object, other) =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([key, value]) => !(key in other) || JSON.stringify(value) !== JSON.stringify(other[key]),
    ),
  );

/**
 * The table as a module: what most rows have alike is written once.
 *
 * @param {{ figures: Record<string, any>[] }} table
 */
export function writeModule({ figures, ...others }) {
  const alike = Object.fromEntries(
    Object.keys(figures[0]).flatMap((key) => {
      const all = figures.map((figure) => JSON.stringify(figure[key]));
      const [most] = all.toSorted(
        (a, b) => all.filter((value) => value === b).length - all.filter((v) => v === a).length,
      );
      const own = key === 'id' || key === 'path' || most === undefined || most.startsWith('{');
      return own ? [] : [[key, JSON.parse(most)]];
    }),
  );
  const rows = figures.map((figure) => {
    const known = /** @type {{ id: string, family: string }} */ (figure);
    const chance = figure.chance && differing(figure.chance, likelyChance(known));
    return differing({ ...figure, chance }, { ...alike, ...likelyFigure(known) });
  });
  return [
    `const alike = ${JSON.stringify(alike)};`,
    `const likelyFigure = ${likelyFigure};`,
    `const likelyChance = ${likelyChance};`,
    `const figures = ${JSON.stringify(rows)}.map((own) => {`,
    '  const row = { ...alike, ...own };',
    '  const chance = row.chance && { ...likelyChance(row), ...row.chance };',
    '  return { ...likelyFigure(row), ...row, chance };',
    '});',
    `export default { ...${JSON.stringify(others)}, figures };`,
  ].join('\n');
}

/**
 * The plugin of Vite that does so.
 *
 * @returns {import('vite').Plugin}
 */
export function figureTexts() {
  const CORE = '\0figures-without-texts';
  const TEXTS_ID = `\0${TEXTS_MODULE}`;
  let file = '';
  const split = () => splitFigures(readFileSync(file, 'utf8'));
  return {
    name: 'figure-texts',
    enforce: 'pre',
    configResolved({ root }) {
      file = `${root}/docs/figures.json`;
    },
    resolveId(id) {
      if (id === TEXTS_MODULE) return TEXTS_ID;
      return id.endsWith('docs/figures.json') ? CORE : null;
    },
    load(id) {
      if (id === TEXTS_ID) {
        const { texts, titles } = split();
        const exported = `export const titles = ${JSON.stringify(titles)};`;
        return `export default ${JSON.stringify(texts)};\n${exported}`;
      }
      return id === CORE ? { code: writeModule(split().table), moduleType: 'js' } : undefined;
    },
  };
}

/** An `import()` in a chunk, and what Vite puts around it. */
const IMPORT = String.raw`(import\([^()]*\)(?:\.then\(\(\w+\) => \w+[.\w[\]"]+\))*)`;
const WRAPPED = new RegExp(
  String.raw`__vitePreload\((?:\(\) => ${IMPORT}|async \(\) => \{\s*const \{[^{}]*\} = ` +
    String.raw`await ${IMPORT};\s*return \{[^{}]*\};\s*\}), \w+, import\.meta\.url\)`,
  'g',
);

/**
 * What Vite puts around an `import()` looks for style sheets and for what to load ahead. The
 * element has neither: each stands as it is written.
 *
 * @returns {import('vite').Plugin}
 */
export function plainImports() {
  const HELPER = '\0vite/preload-helper.js';
  return {
    name: 'plain-imports',
    enforce: 'pre',
    load: (id) => (id === HELPER ? 'export const __vitePreload = (load) => load();' : undefined),
    renderChunk: (code) => ({
      code: code.replace(WRAPPED, (_, plain, named) => plain ?? named),
      map: null,
    }),
  };
}
