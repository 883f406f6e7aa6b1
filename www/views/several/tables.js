// What each pair of runs shares, as tables of runs by runs.
import { count, formatError, number, percent, signed } from '../../report/format.js';
import { breakable, fold, h } from '../../dom/elements.js';
import {
  changedByAny,
  listConsensus,
  cosineDeviation,
  excess,
  hasDirection,
  oneSidedChance,
} from '../../report/overlaps.js';
import { compareWithReported } from '../../report/reported-overlaps.js';
import { factsTable, under } from '../parts/figure.js';

/** @import { Overlap, Tensor } from '../../report/model.js' */
/** @import { Maybe } from '../../report/format.js' */

/** @typedef {(entry: Overlap, names: string[]) => Element} PairTable */

/**
 * A table of runs by runs. A run beside itself is not compared with chance.
 * @param {string} title
 * @param {string[]} names
 * @param {(a: number, b: number) => [value: string, ...below: string[]]} cell
 * @param {string} beside
 */
const square = (title, names, cell, beside) =>
  factsTable(
    title,
    ['Run', ...names.map(breakable)],
    names.map((name, a) => [
      breakable(name),
      ...names.map((_, b) => {
        const [value, ...below] = cell(a, b);
        return a === b ? h('span', { class: 'quiet' }, value) : under(value, below);
      }),
    ]),
    beside,
  );

/**
 * Without shapes there are no densities, and so no chance levels.
 * @type {(entry: Overlap, lines: string[]) => string[]}
 */
const besideChance = ({ parameters }, lines) => (parameters ? lines : []);
/** @type {(entry: Overlap, text: string) => string} */
const becauseOf = ({ parameters }, text) =>
  parameters ? text : 'There is no level of independent runs: the layout does not give the shapes.';

/** @type {PairTable} */
const jaccard = (entry, names) =>
  square(
    'Jaccard index of the changed weights',
    names,
    (a, b) => {
      const [observed, chance] = [entry.jaccard[a][b], entry.jaccard_chance[a][b]];
      return [
        number(observed),
        ...besideChance(entry, [
          `independent ${number(chance)}`,
          `excess ${signed(excess(observed, chance))}`,
        ]),
      ];
    },
    'Weights that both changed over those that either changed. ' +
      `${becauseOf(entry, 'Independent: runs of the same densities that share nothing else.')}`,
  );

/** @type {PairTable} */
const oneSided = (entry, names) =>
  square(
    'One-sided overlap',
    names,
    (a, b) => [
      percent(entry.one_sided[a][b]),
      ...besideChance(entry, [`independent ${percent(oneSidedChance(entry, a, b))}`]),
    ],
    'Of the weights that the row’s run changed, the share that the column’s run changed ' +
      `too.${becauseOf(entry, '') && ` ${becauseOf(entry, '')}`}`,
  );

/**
 * 0, ± the standard deviation for updates of independent entries.
 * @param {Overlap} entry
 */
export const cosineChance = (entry) =>
  `0${entry.parameters ? ` ± ${formatError(number, cosineDeviation(entry))}` : ''}`;

/** @type {PairTable} */
const cosine = (entry, names) =>
  square(
    'Cosine of Δ between runs',
    names,
    (a, b) => [number(entry.cosine[a][b])],
    `Of the stored values; 1 is the same direction. Random ${cosineChance(entry)}: N ` +
      'independent entries give 0 with a standard deviation of 1/√N.',
  );

/** @param {Overlap} entry @param {string[]} names */
export const pairTables = (entry, names) =>
  [jaccard, oneSided, ...(hasDirection(entry) ? [cosine] : [])].map((table) => table(entry, names));

/** @param {number} runs */
const inRuns = (runs) => `${runs} ${runs === 1 ? 'run' : 'runs'}`;

/**
 * Beside the chart; where there is none, for lack of shapes, with a title of its own.
 * @param {Overlap} entry
 * @param {string | null} title
 */
export function consensusTable(entry, title = null) {
  if (title) {
    const all = changedByAny(entry);
    return factsTable(
      title,
      ['Changed in exactly', 'Weights', 'Of those that any changed'],
      listConsensus(entry)
        .slice(1)
        .map(({ runs, weights }) => [
          inRuns(runs),
          count(weights),
          percent(all && weights !== null ? weights / all : null),
        ]),
      becauseOf(entry, ''),
    );
  }
  return fold(
    `consensus of ${entry.name === null ? 'the model' : 'a tensor'}`,
    'As a table',
    factsTable(
      '',
      ['Changed in exactly', 'Weights', 'Share', 'Independent runs'],
      listConsensus(entry).map(({ runs, weights, observed, chance }) => [
        inRuns(runs),
        count(weights),
        percent(observed),
        percent(chance),
      ]),
    ),
  );
}

/**
 * This report's module kinds beside those of the paper.
 * @param {Tensor[]} tensors
 */
export function reportedTable(tensors) {
  const rows = compareWithReported(tensors);
  if (!rows.length) return null;
  /** @type {(observed: Maybe, chance: Maybe) => import('../../dom/elements.js').Child[]} */
  const both = (observed, chance) =>
    under(number(observed), [
      `independent ${number(chance)}`,
      `excess ${signed(excess(observed, chance))}`,
    ]);
  return factsTable(
    'Mean Jaccard index by module kind',
    ['Module', 'Here', 'Published'],
    rows.map(({ module, observed, chance, reported, reportedChance }) => [
      module,
      both(observed, chance),
      both(reported, reportedChance),
    ]),
    'Published: block 13 of five RLVR runs of another model (Zhu et al. 2025): context, not a ' +
      'verdict. Here: mean over the matrices of a kind, all layers. ' +
      'Where nearly all weights changed, independent runs are near 1, which leaves no room for ' +
      'an excess.',
  );
}
