// What each pair of runs shares, as tables of runs by runs.
import { count, number, percent, signed } from '../format.js';
import { breakable, h } from '../dom.js';
import { besideReported, consensus, cosineSpread, excess, oneSidedChance } from '../overlaps.js';
import { facts, under } from './figure.js';

/** `cell(a, b)`: [figure, lines below it, …]; a run beside itself is not compared with chance. */
const square = (title, names, cell, beside) => facts(title, ['Run', ...names.map(breakable)], names.map((name, a) => [breakable(name), ...names.map((_, b) => {
  const [figure, ...below] = cell(a, b);
  return a === b ? h('span', { class: 'quiet' }, figure) : under(figure, below);
})]), beside);

const jaccard = ({ jaccard: observed, jaccard_chance: chance }, names) => square('Jaccard index of the changed weights', names,
  (a, b) => [number(observed[a][b]), `chance ${number(chance[a][b])}`, `excess ${signed(excess(observed[a][b], chance[a][b]))}`],
  'Weights that both changed over those that either changed. Chance is that of independent runs of the same densities.');

const oneSided = (entry, names) => square('One-sided overlap', names,
  (a, b) => [percent(entry.one_sided[a][b]), `chance ${percent(oneSidedChance(entry, a, b))}`],
  'Of the weights that the row’s run changed, the share that the column’s run changed too.');

/** 0, ± the standard deviation for updates of independent entries. */
export const cosineChance = (entry) => `0${entry.parameters ? ` ± ${number(cosineSpread(entry))}` : ''}`;

const cosine = (entry, names) => square('Cosine of Δ between runs', names, (a, b) => [number(entry.cosine[a][b]), `chance ${cosineChance(entry)}`],
  'Of the stored values. Updates that have nothing to do with each other have 0, ± 1/√N (standard deviation) for N independent entries; 1 is the same direction.');

export const pairTables = (entry, names) => [jaccard, oneSided, cosine].map((table) => table(entry, names));

export const consensusTable = (entry) => h('details', {}, h('summary', {}, 'As a table'), facts('', ['Changed in exactly', 'Weights', 'Share', 'Independent runs'],
  consensus(entry).map(({ runs, weights, observed, chance }) => [`${runs} ${runs === 1 ? 'run' : 'runs'}`, count(weights), percent(observed), percent(chance)])));

/** This report's module kinds beside those of the paper. */
export function reportedTable(tensors) {
  const rows = besideReported(tensors);
  if (!rows.length) return null;
  const beside = (observed, chance) => under(number(observed), [`chance ${number(chance)}`, `excess ${signed(excess(observed, chance))}`]);
  return facts('Mean Jaccard index by module kind', ['Module', 'Here', 'Reported'],
    rows.map(({ module, observed, chance, reported, reportedChance }) => [module, beside(observed, chance), beside(reported, reportedChance)]),
    'Here: mean over the matrices of a kind, all layers. Reported: block 13 of five RLVR runs (PNT), other runs of another model: context, not a verdict. '
    + 'Where nearly all weights changed, chance is near 1 and leaves no room for an excess.');
}
