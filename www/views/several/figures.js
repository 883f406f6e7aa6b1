// One entry of what several runs share: cards, charts and tables.
import { CONSENSUS_KEY, consensusBars } from '../../charts/consensus.js';
import { profile } from '../../charts/curves.js';
import { fold, h } from '../../dom/elements.js';
import { count, number, percent, signed } from '../../report/format.js';
import {
  changedByAny,
  excess,
  fullConsensus,
  hasDirection,
  listConsensus,
  meanOverPairs,
} from '../../report/overlaps.js';
import { card } from '../parts/card.js';
import { densityMap } from '../detail/maps.js';
import { figure } from '../parts/figure.js';
import { consensusTable, cosineChance, pairTables } from './tables.js';

const NO_CHANCE = 'no level of independent runs: the layout does not give the shapes';

/** @import { Overlap, Profile } from '../../report/model.js' */
/** @import { Child } from '../../dom/elements.js' */

/**
 * @param {Overlap} entry
 * @param {object} options
 * @param {string} options.gate What counts as changed.
 * @param {string} options.dtype
 * @param {string | null} [options.part] Of what part of the model, where it is not the whole.
 * @param {string} [options.reported]
 */
export function cards(entry, { gate, dtype, part, reported }) {
  const terms = [gate, part, dtype, 'exact count'];
  const all = fullConsensus(entry);
  const { mean_jaccard: jaccard, mean_jaccard_chance: chance, parameters, runs } = entry;
  return h(
    'div',
    { class: 'cards' },
    card({
      title: 'Jaccard index, mean over pairs',
      value: number(jaccard),
      context: [
        parameters
          ? `independent runs ${number(chance)}, excess ${signed(excess(jaccard, chance))}`
          : NO_CHANCE,
        reported,
      ],
      terms,
    }),
    card({
      title: `Changed in all ${runs.length} runs`,
      value: parameters ? percent(all.observed) : count(all.weights),
      context: parameters
        ? [
            `independent runs ${percent(all.chance)}`,
            `${count(all.weights)} of ${count(parameters)} weights`,
          ]
        : [`of ${count(changedByAny(entry))} weights that any run changed`, NO_CHANCE],
      terms,
    }),
    hasDirection(entry) &&
      card({
        title: 'Cosine of Δ, mean over pairs',
        value: number(meanOverPairs(entry.cosine)),
        context: [
          `random ${cosineChance(entry)} for a pair, ± the deviation of independent entries`,
        ],
        terms: ['stored values', part, dtype, 'exact sum'],
      }),
  );
}

/**
 * @param {Profile | null | undefined} shares
 * @param {number} across Weights of one row or column.
 * @param {Overlap} entry
 * @param {'row' | 'column'} name
 */
function consensusAlong(shares, across, entry, name) {
  if (!shares) return null;
  const { observed, chance } = fullConsensus(entry);
  const title = `Changed in all ${entry.runs.length} runs, by ${name}`;
  return figure(
    title,
    profile(shares, {
      title,
      label: name,
      across,
      density: observed ?? 0,
      y: 'changed in all runs, %',
      independent: chance,
    }),
    {
      beside:
        `Dashed: ${percent(observed)}, the tensor’s own share; shaded: where it would stay ` +
        `if it did not depend on the ${name} (± 2 standard deviations). ` +
        `Dotted: ${percent(chance)}, were the runs independent. Single ${name}s: ` +
        `${percent(shares.min)} to ${percent(shares.max)}, median ${percent(shares.median)}.`,
    },
  );
}

/**
 * Where on the matrix all runs changed the weights; nothing in reports from before there were maps.
 * @param {Overlap} entry
 * @param {number[] | null} shape
 */
function consensusMap(entry, shape) {
  const { consensus_map: map } = entry;
  if (!map || !shape) return null;
  const { observed, chance } = fullConsensus(entry);
  return densityMap({
    title: `Changed in all ${entry.runs.length} runs, map`,
    map,
    coded: map.all,
    shape,
    level: chance ?? 0,
    about:
      `Share of the weights of a cell that all runs changed: ${percent(observed)} of the whole ` +
      'matrix.',
    because: 'were the runs independent',
  });
}

/**
 * @param {Overlap} entry
 * @param {string[]} names
 * @param {number[] | null} shape
 * @param {Child} more Stands behind the others.
 */
export function figures(entry, names, shape, more = null) {
  const title = 'In how many runs a weight changed';
  const [m, n] = shape ?? [];
  const grid = h(
    'div',
    { class: 'several-grid', style: '--column: 350px' },
    h(
      'div',
      {},
      entry.parameters > 0 &&
        figure(title, consensusBars(listConsensus(entry), title), { swatches: CONSENSUS_KEY }),
      consensusTable(entry, entry.parameters ? null : title),
    ),
    consensusAlong(entry.row_consensus, n, entry, 'row'),
    consensusAlong(entry.column_consensus, m, entry, 'column'),
    consensusMap(entry, shape),
    more,
  );
  // Columns are as wide as the tables of runs by runs need.
  const tables = h(
    'div',
    { class: 'several-grid', style: `--column: ${Math.max(350, 90 + 95 * names.length)}px` },
    pairTables(entry, names),
  );
  return [grid, fold(`pairs of ${shape ? 'a tensor' : 'the model'}`, 'Pairs as tables', tables)];
}
