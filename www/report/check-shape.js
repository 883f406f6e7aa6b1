// Whether a report from a file has the shape that the schema gives it. What is drawn relies on it,
// so that a damaged report is refused as a whole, by the first place that is wrong.
import { SHAPE as WHOLE } from './shape.js';

/**
 * The part of a JSON Schema that the report's makes use of.
 * @typedef {object} Shape
 * @property {string} [$ref]
 * @property {Record<string, Shape>} [$defs]
 * @property {string | string[]} [type]
 * @property {Record<string, Shape>} [properties]
 * @property {string[]} [required]
 * @property {Shape} [items]
 * @property {Shape | boolean} [additionalProperties]
 * @property {Shape[]} [anyOf]
 * @property {unknown[]} [enum]
 * @property {unknown} [const]
 * @property {number} [minimum]
 * @property {number} [minItems]
 * @property {number} [maxItems]
 */

/** @type {Shape} */
const SHAPE = WHOLE;

/**
 * A place that is wrong; null where none is.
 * @typedef {{ path: (string | number)[], found: unknown, wanted: string } | null} Wrong
 * @typedef {(value: any) => Wrong} Check
 */

/** @type {(found: unknown, wanted: string, path?: (string | number)[]) => Wrong} */
const wrong = (found, wanted, path = []) => ({ path, found, wanted });

/** @type {(at: string | number, inner: Wrong) => Wrong} */
const inside = (at, inner) => {
  inner?.path.unshift(at);
  return inner;
};

/** @type {Record<string, { is: (value: any) => boolean, wanted: string }>} */
const TYPES = {
  null: { is: (value) => value === null, wanted: 'nothing' },
  boolean: { is: (value) => typeof value === 'boolean', wanted: 'true or false' },
  string: { is: (value) => typeof value === 'string', wanted: 'a text' },
  // A number beyond the range of JavaScript is read as infinite.
  number: { is: Number.isFinite, wanted: 'a number' },
  integer: { is: Number.isSafeInteger, wanted: 'a whole number' },
  array: { is: Array.isArray, wanted: 'a list' },
  object: {
    is: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    wanted: 'an object',
  },
};

/**
 * The check of a list whose entries have one.
 * @param {Check} entry
 * @param {Shape} shape
 * @returns {Check}
 */
const checkList =
  (entry, { minItems = 0, maxItems = Infinity }) =>
  (list) => {
    if (list.length < minItems || list.length > maxItems)
      return wrong(list, `a list of ${minItems === maxItems ? minItems : `at least ${minItems}`}`);
    for (let i = 0; i < list.length; i += 1) {
      const found = entry(list[i]);
      if (found) return inside(i, found);
    }
    return null;
  };

/**
 * The check of an object; names that nothing is said of are passed over, as those of a later
 * version.
 * @param {[string, Check][]} named
 * @param {Set<string>} required
 * @param {Check | null} others
 * @returns {Check}
 */
const checkObject = (named, required, others) => (object) => {
  for (const [name, check] of named) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value === undefined) {
      if (required.has(name)) return wrong(undefined, 'a value', [name]);
      continue;
    }
    const found = check(value);
    if (found) return inside(name, found);
  }
  if (others)
    for (const [name, value] of Object.entries(object)) {
      const found = others(value);
      if (found) return inside(name, found);
    }
  return null;
};

/** @type {Map<string, Check>} */
const compiled = new Map();

/**
 * @param {string} name Of a definition.
 * @returns {Check}
 */
function checkNamed(name) {
  const known = compiled.get(name);
  if (known) return known;
  /** @type {Check | null} */
  let made = null;
  // A definition may refer to itself.
  compiled.set(name, (value) => made?.(value) ?? null);
  made = compile(SHAPE.$defs?.[name] ?? {});
  compiled.set(name, made);
  return made;
}

/**
 * @param {Shape} shape
 * @returns {Check}
 */
function compile(shape) {
  const { $ref: reference, anyOf, enum: words } = shape;
  if (reference) return checkNamed(reference.slice(reference.lastIndexOf('/') + 1));
  if (anyOf) {
    const checks = anyOf.map(compile);
    // The first one tells most: the other is `null`.
    return (value) => {
      if (value === null && anyOf.some(({ type }) => type === 'null')) return null;
      return checks.some((check) => !check(value)) ? null : checks[0](value);
    };
  }
  if (words) {
    const known = new Set(words);
    return (value) => (known.has(value) ? null : wrong(value, `one of ${words.join(', ')}`));
  }
  if ('const' in shape)
    return (value) => (value === shape.const ? null : wrong(value, `“${String(shape.const)}”`));
  const types = [shape.type ?? []].flat();
  const others = types.filter((type) => type !== 'null').map((type) => TYPES[type]);
  const wanted = others.map((type) => type.wanted).join(' or ');
  const least = shape.minimum ?? -Infinity;
  const entries = shape.items && checkList(compile(shape.items), shape);
  const members =
    (shape.properties || typeof shape.additionalProperties === 'object') &&
    checkObject(
      Object.entries(shape.properties ?? {}).map(([name, part]) => [name, compile(part)]),
      new Set(shape.required),
      typeof shape.additionalProperties === 'object' ? compile(shape.additionalProperties) : null,
    );
  const nullable = types.includes('null');
  return (value) => {
    if (!types.length || (value === null && nullable)) return null;
    if (!others.some(({ is }) => is(value))) return wrong(value, wanted);
    if (typeof value === 'number' && value < least) return wrong(value, `at least ${least}`);
    if (entries && Array.isArray(value)) return entries(value);
    return members ? members(value) : null;
  };
}

/** @param {(string | number)[]} path */
const showPath = (path) =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i ? `.${step}` : step)).join('');

/** @param {unknown} found */
function showFound(found) {
  if (found === undefined) return 'missing';
  if (Array.isArray(found)) return `a list of ${found.length}`;
  if (typeof found === 'object' && found !== null) return 'an object';
  const text = JSON.stringify(found);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/**
 * Throws a sentence where a place is wrong.
 * @param {Wrong} found
 * @param {string} of What it is in.
 */
function refuse(found, of) {
  if (!found) return;
  throw new Error(
    `This report is damaged: ${of}\`${showPath(found.path)}\` is ${showFound(found.found)}, ` +
      `where ${found.wanted} is expected. Was it changed after Gatescope wrote it?`,
  );
}

/** Characters of a name that are shown. */
const MOST_OF_NAME = 120;

/** Of a map: far above what can be asked for. */
const MOST_CELLS = 1 << 24;
/** More shares of weights than this cannot be chosen among. */
const MOST_ALPHAS = 64;

/**
 * Whether a map has as many bytes as cells.
 * @param {any} map
 * @param {string[]} names
 * @returns {Wrong}
 */
function checkMap(map, names) {
  if (!map) return null;
  const cells = map.rows * map.columns;
  if (cells > MOST_CELLS) return wrong(map.rows, `a map of at most ${MOST_CELLS} cells`, ['rows']);
  for (const name of names) {
    const text = map[name];
    if (typeof text === 'string' && text.length !== 4 * Math.ceil(cells / 3))
      return wrong(text, `the code of ${cells} cells`, [name]);
  }
  return null;
}

/**
 * Throws a sentence where an entry of a list of tensors or of overlaps is not one.
 * @param {'tensors' | 'overlaps'} list
 * @param {any} entry
 */
export function checkEntry(list, entry) {
  const name = typeof entry?.name === 'string' ? `${entry.name.slice(0, MOST_OF_NAME)}: ` : '';
  if (list === 'overlaps') {
    refuse(checkNamed('Overlap')(entry), `overlap ${name}`);
    refuse(inside('consensus_map', checkMap(entry.consensus_map, ['all'])), `overlap ${name}`);
    return;
  }
  refuse(checkNamed('TensorReport')(entry), `tensor ${name}`);
  refuse(
    inside('maps', checkMap(entry.maps, ['changed', 'update', 'principal'])),
    `tensor ${name}`,
  );
  refuse(inside('listed.map', checkMap(entry.listed?.map, ['all'])), `tensor ${name}`);
}

/** @type {Check | undefined} */
let wholeReport;

/**
 * Throws a sentence where a report, its long lists apart, is not one.
 * @param {any} report
 */
export function checkShape(report) {
  wholeReport ??= compile(SHAPE);
  refuse(wholeReport(report), '');
  const { alphas } = report.settings;
  if (alphas.length > MOST_ALPHAS)
    refuse(wrong(alphas, `a list of at most ${MOST_ALPHAS}`, ['settings', 'alphas']), '');
}
