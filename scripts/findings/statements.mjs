// What was reported elsewhere, each statement beside the samples' figures. Whether it holds is
// computed, never written.
import { degrees, number, percent } from '../../www/report/format.js';
import { SOURCES } from '../../www/report/reported-words.js';
import { ABOUT, REPORTED, sparsityRange } from '../../www/report/reported.js';

/**
 * @typedef {import('./types.d.ts').Excerpt} Excerpt
 * @typedef {import('./types.d.ts').Format} Format
 * @typedef {import('./types.d.ts').Jaccard} Jaccard
 * @typedef {import('./types.d.ts').Kinds} Kinds
 * @typedef {import('./types.d.ts').Run} Run
 * @typedef {import('./types.d.ts').Statement} Statement
 * @typedef {import('./types.d.ts').Value} Value
 */

/** "Nearly" the whole: at least this share. */
export const NEARLY = 0.95;

/**
 * What was set or reported, with the digits that it has: 3e−6, 36.3 %.
 *
 * @param {number} value
 */
export const given = (value) =>
  Math.abs(value) < 1e-3 ? value.toExponential().replace('-', '−') : String(value);
/** @param {number} share */
const givenPercent = (share) => `${given(Number((share * 100).toPrecision(3)))}\u00a0%`;

/** @param {string[]} items */
export const words = (items) =>
  items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${items.at(-1)}` : items.join('');
/** @type {(runs: Run[], value: Value, format: Format) => string} */
export const show = (runs, value, format) => words(runs.map((run) => format(value(run))));
/** @param {string} key */
export const link = (key) => `[${key}](https://arxiv.org/abs/${SOURCES[key].arxiv})`;
/**
 * The runs of RLVR and those of SFT.
 *
 * @param {Excerpt} excerpt
 * @returns {Kinds}
 */
export const split = ({ runs }) => [
  runs.filter((run) => run.kind === 'RLVR'),
  runs.filter((run) => run.kind === 'SFT'),
];

/**
 * The masks of a run at one α.
 *
 * @param {Run} run
 * @param {number} alpha
 */
export function atAlpha(run, alpha) {
  const found = run.masks.find((candidate) => candidate.alpha === alpha);
  if (!found) throw new Error(`${run.name} has no masks at α = ${alpha}`);
  return found;
}

/**
 * All of one list below all of the other.
 *
 * @type {(low: number[], high: number[]) => boolean}
 */
const below = (low, high) => Math.max(...low) < Math.min(...high);
/** @type {(range: number[]) => (value: number) => boolean} */
const within =
  ([low, high]) =>
  (value) =>
    value >= low && value <= high;
/** @param {{ source: string, place?: string }} reported */
const of = ({ source, place }) => [link(source), place].filter(Boolean).join(', ');

/**
 * @typedef {object} Wording
 * @property {string} topic
 * @property {string} text
 * @property {string} source
 * @property {Value} value
 * @property {Format} format
 * @property {boolean} [main]
 */

/**
 * Orders RLVR and SFT by one figure: `more` where RLVR should have more of it.
 *
 * @param {Kinds} kinds
 * @param {Wording & { more: boolean }} wording
 * @returns {Statement}
 */
function order([rlvr, sft], { text, source, value, format, more, main = false, topic }) {
  const [ours, others] = [rlvr.map(value), sft.map(value)];
  return {
    topic,
    main,
    text,
    source,
    here: `RLVR ${words(ours.map(format))}, SFT ${words(others.map(format))}`,
    holds: more ? below(others, ours) : below(ours, others),
  };
}

/**
 * @param {Run[]} runs
 * @param {Wording & { test: (value: number) => boolean }} wording
 * @returns {Statement}
 */
const each = (runs, { topic, text, source, value, format, test, main = false }) => ({
  topic,
  main,
  text,
  source,
  here: show(runs, value, format),
  holds: runs.map(value).every(test),
});

/** @type {(kinds: Kinds) => ['RLVR' | 'SFT', Run[]][]} */
const byKind = ([rlvr, sft]) => [
  ['RLVR', rlvr],
  ['SFT', sft],
];

/**
 * A share that training was stopped by is chosen, and is said to be.
 *
 * @type {(runs: Run[], statement: Statement) => Statement}
 */
const markStopped = (runs, statement) =>
  runs.every((run) => run.stopped_below_unchanged !== null)
    ? { ...statement, here: `${statement.here} (training was stopped by this share)` }
    : statement;

/** @param {Kinds} kinds */
function sparsity([rlvr, sft]) {
  const { sparsity: table, sparsity_abs: tolerance } = REPORTED;
  const [topic, format] = ['sparsity', percent];
  /** @type {Value} */
  const value = (run) => run.sparsity_bf16;
  return [
    order([rlvr, sft], {
      topic,
      value,
      format,
      more: true,
      main: true,
      text: 'RLVR leaves more weights unchanged than SFT',
      source: of(table),
    }),
    ...byKind([rlvr, sft]).map(([kind, runs]) =>
      markStopped(
        runs,
        each(runs, {
          topic,
          value,
          format,
          main: kind === 'RLVR',
          source: of(table),
          test: within(sparsityRange(kind)),
          text:
            `${kind} leaves ${sparsityRange(kind).map(givenPercent).join(' to ')} of the weights ` +
            'unchanged',
        }),
      ),
    ),
    each(rlvr, {
      topic,
      format,
      value: (run) => run.sparsity_abs,
      source: of(tolerance),
      test: within(tolerance.RLVR),
      text:
        `RL leaves ${tolerance.RLVR.map(givenPercent).join(' to ')} of the weights within ` +
        `\\|Δ\\| ≤ ${given(tolerance.tolerance)}`,
    }),
  ];
}

/** @param {Kinds} kinds */
function spectrum([rlvr, sft]) {
  const { nss } = REPORTED;
  const [topic, format] = ['spectrum', number];
  /** @type {Value} */
  const value = (run) => run.nss.mean;
  return [
    order([rlvr, sft], {
      topic,
      value,
      format,
      more: false,
      main: true,
      text: 'RLVR shifts the spectrum less than SFT',
      source: `${link('PNT')}, abstract`,
    }),
    each(rlvr, {
      topic,
      value,
      format,
      main: true,
      source: of(nss),
      text: `NSS of RLVR is about ${given(nss.RLVR.about)}`,
      test: (found) => within([nss.RLVR.about / ABOUT.times, nss.RLVR.about * ABOUT.times])(found),
    }),
    each(sft, {
      topic,
      value,
      format,
      source: of(nss),
      text: `NSS of SFT is about ${given(nss.SFT.least)} and more`,
      test: (found) => found >= nss.SFT.least / ABOUT.times,
    }),
  ];
}

/** @param {Kinds} kinds */
function rotation([rlvr, sft]) {
  const { rotation: known } = REPORTED;
  const [topic, format] = ['rotation', degrees];
  /** @type {Value} */
  const value = (run) => run.rotation_max.mean;
  return [
    order([rlvr, sft], {
      topic,
      value,
      format,
      more: false,
      main: true,
      text: 'RLVR turns the principal subspaces less than SFT',
      source: `${link('PNT')}, abstract`,
    }),
    each(rlvr, {
      topic,
      value,
      format,
      main: true,
      source: of(known),
      text: `RLVR turns the principal subspaces by less than ${known.RLVR.below}°`,
      test: (found) => found < known.RLVR.below,
    }),
    each(sft, {
      topic,
      value,
      format,
      source: of(known),
      text: `SFT turns the principal subspaces by more than ${known.SFT.above}°`,
      test: (found) => found > known.SFT.above,
    }),
  ];
}

/**
 * A figure and its chance level, as a list of each.
 *
 * @type {(runs: Run[], value: Value, chance: Value, format: Format) => string}
 */
const besideChance = (runs, value, chance, format) =>
  words(runs.map((run) => `${format(value(run))} (chance ${format(chance(run))})`));

/** @param {Kinds} kinds */
function offPrincipal([rlvr, sft]) {
  const topic = 'off';
  /** @type {Value} */
  const value = (run) => run.off_principal.both.share.mean;
  /** @type {Value} */
  const chance = (run) => run.off_principal.both.chance.mean;
  return [
    {
      topic,
      main: true,
      text: 'The update of RLVR lies off the principal subspaces more than by chance',
      source: `${link('PNT')}, title`,
      here: besideChance(rlvr, value, chance, percent),
      holds: rlvr.every((run) => value(run) > chance(run)),
    },
    order([rlvr, sft], {
      topic,
      value,
      format: percent,
      more: true,
      main: true,
      text: 'The update of RLVR lies off the principal subspaces more than that of SFT',
      source: `${link('PNT')}, abstract`,
    }),
  ];
}

/**
 * @param {Kinds} kinds
 * @param {number} alpha
 * @param {{ first: boolean }} place the first α is in the summary
 * @returns {Statement[]}
 */
function masks([rlvr, sft], alpha, { first }) {
  const topic = 'masks';
  /** @type {(kind: 'low' | 'principal') => [Value, Value]} */
  const overlapAndChance = (kind) => [
    (run) => /** @type {number} */ (atAlpha(run, alpha)[kind].overlap),
    (run) => atAlpha(run, alpha)[kind].chance,
  ];
  const [low, principal] = [overlapAndChance('low'), overlapAndChance('principal')];
  const { low_overlap: knownLow, principal_overlap: knownPrincipal } = REPORTED;
  /** @type {(known: number) => (found: number) => boolean} */
  const about = (known) => (found) => Math.abs(found - known) <= ABOUT.share;
  const source = link('PNT');
  const directions = [
    {
      topic,
      main: first,
      source,
      text: `What RLVR changes is of low magnitude more often than by chance (α = ${alpha})`,
      here: besideChance(rlvr, ...low, percent),
      holds: rlvr.every((run) => low[0](run) > low[1](run)),
    },
    order([rlvr, sft], {
      topic,
      source,
      value: low[0],
      format: percent,
      more: true,
      text: `What RLVR changes is of low magnitude more often than what SFT changes (α = ${alpha})`,
    }),
    {
      topic,
      main: first,
      source,
      text: `What RLVR changes is in the principal mask less often than by chance (α = ${alpha})`,
      here: besideChance(rlvr, ...principal, percent),
      holds: rlvr.every((run) => principal[0](run) < principal[1](run)),
    },
    order([rlvr, sft], {
      topic,
      source,
      value: principal[0],
      format: percent,
      more: false,
      text:
        'What RLVR changes is in the principal mask less often than what SFT changes (α = ' +
        `${alpha})`,
    }),
  ];
  const figures =
    alpha !== knownLow.alpha
      ? []
      : [
          ...byKind([rlvr, sft]).map(([kind, runs]) =>
            each(runs, {
              topic,
              source: of(knownLow),
              value: low[0],
              format: percent,
              test: about(knownLow[kind]),
              text:
                `About ${givenPercent(knownLow[kind])} of what ${kind} changes is of low ` +
                `magnitude (α = ${alpha})`,
            }),
          ),
          each(rlvr, {
            topic,
            source: of(knownPrincipal),
            value: principal[0],
            format: percent,
            test: (found) => found < knownPrincipal.RLVR.below,
            text:
              `Less than ${givenPercent(knownPrincipal.RLVR.below)} of what RLVR changes is in ` +
              `the principal mask (α = ${alpha})`,
          }),
        ];
  return [...directions, ...figures];
}

/** The Jaccard indices that PNT reports, by module. */
export const reportedJaccards = () =>
  /** @type {[string, Jaccard][]} */ (Object.entries(REPORTED.jaccard.modules));

export const reportedExcess = () => {
  const all = reportedJaccards().map(([, [observed, chance]]) => observed - chance);
  return [Math.min(...all), Math.max(...all)];
};

/**
 * The pair of runs that PNT's figures are of: two RLVR runs.
 *
 * @param {Excerpt} excerpt
 */
export const rlvrPair = ({ pairs }) =>
  pairs.find(({ kinds }) => kinds.every((kind) => kind === 'RLVR'));

/**
 * @param {Excerpt} excerpt
 * @returns {Statement[]}
 */
function overlap(excerpt) {
  const pair = rlvrPair(excerpt);
  if (!pair) return [];
  const excess = pair.jaccard - pair.chance;
  const here = `${number(pair.jaccard)} (chance ${number(pair.chance)})`;
  return [
    {
      topic: 'overlap',
      main: true,
      text: 'Two RLVR runs change the same weights more often than by chance',
      source: `${of(REPORTED.jaccard)}; ${link('MUK')}`,
      here,
      holds: excess > 0,
    },
    {
      topic: 'overlap',
      text: `The Jaccard index exceeds chance by ${reportedExcess().map(number).join(' to ')}`,
      source: of(REPORTED.jaccard),
      here: number(excess),
      holds: within(reportedExcess())(excess),
    },
  ];
}

/** @param {Kinds} kinds */
function rank([rlvr]) {
  return [
    each(rlvr, {
      topic: 'rank',
      format: percent,
      value: (run) => run.rank_share.mean,
      source: `${link('MUK')}, abstract`,
      test: (found) => found >= NEARLY,
      text: 'Updates of RL have nearly full rank',
    }),
  ];
}

/**
 * @param {Excerpt} excerpt
 * @returns {Statement[]}
 */
export function statements(excerpt) {
  const kinds = split(excerpt);
  return [
    ...sparsity(kinds),
    ...spectrum(kinds),
    ...rotation(kinds),
    ...offPrincipal(kinds),
    ...excerpt.settings.alphas.flatMap((alpha, i) => masks(kinds, alpha, { first: i === 0 })),
    ...overlap(excerpt),
    ...rank(kinds),
  ];
}
