// What a reader types to choose tensors: words of names, layers, kinds, and limits of metrics.
import { counted, enumerate } from './format.js';
import { METRICS } from './metrics.js';

/** @import { Tensor } from './model.js' */
/** @import { Metric } from './metrics.js' */

/** @typedef {(tensor: Tensor, alpha: number) => boolean} Test */

/**
 * @typedef {object} Filter
 * @property {Test} keeps
 * @property {string[]} problems What is wrong with parts of the text, which then say nothing.
 */

/** Says what is wrong with a part of a filter. */
class BadTerm extends Error {}

/** Short names of metrics; their ids will do, too, and what only one of them begins with. */
const SHORT_NAMES = new Map(
  Object.entries({
    unchanged: 'sparsity_bf16',
    sparsity: 'sparsity_bf16',
    update: 'relative_update',
    rank: 'stable_rank',
    rotation: 'rotation_max',
    off_principal: 'off_principal_share',
    principal: 'principal_overlap',
    low: 'low_overlap',
    safe: 'safe_overlap',
    kl: 'kl_quadratic',
    density: 'listed_density',
  }),
);

/** @type {Record<string, (a: number, b: number) => boolean>} */
const COMPARISONS = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)),
};
COMPARISONS['≥'] = COMPARISONS['>='];
COMPARISONS['≤'] = COMPARISONS['<='];

/** Not all metrics are of the same tensors: what has no value is neither above nor below. */
const COMPARISON = /^([a-z][a-z0-9_]*)(>=|<=|≥|≤|>|<|=)(.*)$/;
const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|x|×|°)?$/;

/** Projections of experts, by the names that models give them. */
const PROJECTIONS = new Map(
  Object.entries({
    gate: /experts\..*(?:\bgate(?:_proj)?\b|\bw1\b)/,
    up: /experts\..*(?:\bup(?:_proj)?\b|\bw3\b)/,
    down: /experts\..*(?:\bdown(?:_proj)?\b|\bw2\b)/,
  }),
);

/** @type {Record<string, Test>} */
const KINDS = {
  matrix: ({ shape }) => shape.length === 2,
  vector: ({ shape }) => shape.length === 1,
  expert: ({ module }) => module === 'expert',
};

/**
 * How far a value is from a random update's, as a ratio; null where one of the two is not known or
 * the level is 0.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export function timesRandom(metric, tensor, alpha) {
  const value = metric.value(tensor, alpha);
  const level = metric.chance?.(tensor, alpha) ?? null;
  return value === null || !level ? null : value / level;
}

/** @param {string} name */
function findNamed(name) {
  const id = SHORT_NAMES.get(name) ?? name;
  const exact = METRICS.find((metric) => metric.id === id);
  if (exact) return exact;
  const ids = METRICS.map((metric) => metric.id).filter((known) => known.startsWith(name));
  if (ids.length === 1) return METRICS.find((metric) => metric.id === ids[0]);
  throw new BadTerm(
    ids.length
      ? `“${name}” may be ${enumerate(ids).replace(/ and ([^ ]*)$/, ' or $1')}`
      : `there is no metric “${name}”; try rotation, nss, rank, unchanged, update or principal`,
  );
}

/**
 * @param {string} name
 * @param {string} sign
 * @param {string} limit
 * @returns {Test}
 */
function compare(name, sign, limit) {
  const [, digits, unit] = NUMBER.exec(limit.replace('−', '-')) ?? [];
  if (digits === undefined)
    throw new BadTerm(
      limit ? `“${limit}” is not a number` : `a number is missing behind “${name}${sign}”`,
    );
  const holds = COMPARISONS[sign];
  const number = Number(digits) / (unit === '%' ? 100 : 1);
  if (name === 'parameters') return ({ parameters }) => holds(parameters, number);
  if (name === 'layer') return ({ layer }) => typeof layer === 'number' && holds(layer, number);
  const metric = /** @type {Metric} */ (findNamed(name));
  const isRatio = unit === 'x' || unit === '×';
  if (isRatio && !metric.chance)
    throw new BadTerm(`${metric.id} has no random update to be so many times of`);
  const isShare = metric.format(0.5).endsWith('%');
  if (isShare && !isRatio && number > 1)
    throw new BadTerm(`${metric.id} is a share: write ${name}${sign}${digits}%`);
  return (tensor, alpha) => {
    const value = isRatio ? timesRandom(metric, tensor, alpha) : metric.value(tensor, alpha);
    return value !== null && holds(value, number);
  };
}

/**
 * @param {string} which
 * @returns {Test}
 */
function ofLayers(which) {
  if (which === 'none') return ({ layer }) => layer === null || layer === undefined;
  const ranges = which.split(',').map((range) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (from === undefined)
      throw new BadTerm(`“${which}” names no layers; write layer:3, layer:2-5 or layer:none`);
    return [Number(from), Number(to)];
  });
  return ({ layer }) =>
    typeof layer === 'number' && ranges.some(([from, to]) => layer >= from && layer <= to);
}

/**
 * A word of a name. Digits at its ends are whole numbers: `experts.3` is not `experts.30`.
 * @param {string} word
 * @returns {Test}
 */
function ofName(word) {
  const before = /^\d/.test(word) ? '(?<!\\d)' : '';
  const behind = /\d$/.test(word) ? '(?!\\d)' : '';
  const letters = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(before + letters + behind);
  return ({ name, module, dtype }) => pattern.test(`${name} ${module} ${dtype}`.toLowerCase());
}

/**
 * @param {string} term
 * @returns {Test}
 */
function parseTerm(term) {
  if (term.length > 1 && term.startsWith('-')) {
    const test = parseTerm(term.slice(1));
    return (tensor, alpha) => !test(tensor, alpha);
  }
  if (term.startsWith('layer:')) return ofLayers(term.slice('layer:'.length));
  if (term.startsWith('module:')) {
    const kind = term.slice('module:'.length);
    return ({ module }) => module === kind;
  }
  if (term.startsWith('is:')) {
    const kind = term.slice('is:'.length);
    if (!Object.hasOwn(KINDS, kind))
      throw new BadTerm(`“${term}” is no kind; write is:matrix, is:vector or is:expert`);
    return KINDS[kind];
  }
  const projection = PROJECTIONS.get(/^experts\.(\w+)$/.exec(term)?.[1] ?? '');
  if (projection) return ({ name }) => projection.test(name.toLowerCase());
  const [, name, sign, limit] = COMPARISON.exec(term) ?? [];
  return sign ? compare(name, sign, limit) : ofName(term);
}

/**
 * Reads a filter: all terms must hold. A word occurs in the name, module or dtype; `-word` does
 * not; `layer:2-5`, `layer:none`, `module:q` and `is:matrix` say what they say; `rotation>5`,
 * `unchanged<=90%` and `nss>2x` are limits, the last in times a random update.
 * @param {string} text
 * @returns {Filter}
 */
export function parseFilter(text) {
  /** @type {Test[]} */
  const tests = [];
  /** @type {string[]} */
  const problems = [];
  const terms = text
    .toLowerCase()
    .replace(/(^|\s)(-?)(matrices|vectors)( only)?(?=\s|$)/g, (_, space, no, kind) =>
      kind === 'matrices' ? `${space}${no}is:matrix` : `${space}${no}is:vector`,
    )
    // A limit may stand apart: `rotation > 5`.
    .replace(/\s*(>=|<=|[><=≥≤])\s*/g, '$1')
    .split(/\s+/)
    .filter(Boolean);
  for (const term of terms)
    try {
      tests.push(parseTerm(term));
    } catch (error) {
      if (!(error instanceof BadTerm)) throw error;
      problems.push(error.message);
    }
  return { keeps: (tensor, alpha) => tests.every((test) => test(tensor, alpha)), problems };
}

/**
 * What is wrong with a filter, as a sentence; null where nothing is.
 * @param {string} text
 */
export function describeProblems(text) {
  const { problems } = parseFilter(text);
  if (!problems.length) return null;
  const say = problems.length > 1 ? 'say' : 'says';
  const parts = counted(problems.length, 'part');
  return `${parts} of the filter ${say} nothing: ${problems.join('; ')}.`;
}
