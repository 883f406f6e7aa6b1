// A sparse delta without its base in a few values: how much it changed, and where.
import { count, counted, number, percent, times } from '../../report/format.js';
import { densestModule, medianDispersions } from '../../report/listed.js';
import { card } from '../parts/card.js';

/** @import { ListedRollup, Run } from '../../report/model.js' */
/** @import { Terms } from './terms.js' */

/**
 * @param {ListedRollup} listed
 * @param {Terms} terms
 */
function changedCard({ tensors, changed, parameters, density }, { dtype, part, reported }) {
  const terms = ['stored bits, by the layout', part, dtype, 'exact count'];
  if (typeof density !== 'number')
    return card({
      title: 'Weights that the delta lists',
      value: count(changed),
      context: [
        `in ${counted(tensors, 'tensor')}; the layout does not give their shapes, so there ` +
          'is no share',
      ],
      terms,
    });
  return card({
    title: 'Changed, as the delta lists',
    value: percent(density),
    context: [
      `${count(changed)} of the ${count(parameters)} weights of ${counted(tensors, 'tensor')} ` +
        `that it lists; ${percent(1 - density)} of them unchanged`,
      reported.sparsity && `published to stay unchanged, whole models: ${reported.sparsity}`,
    ],
    terms,
  });
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function stripesCard(run, { dtype, part }) {
  const dispersions = medianDispersions(run);
  return (
    dispersions &&
    card({
      title: 'Stripes of rows, of columns',
      value: `${number(dispersions.row)}, ${number(dispersions.column)}`,
      context: [
        'random 1: variance of their shares of changed weights over that of independent ' +
          'changes',
        `medians over ${counted(dispersions.count, 'matrix', 'matrices')}`,
      ],
      terms: [part, dtype, 'exact count'],
    })
  );
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function densestCard(run, { dtype, part }) {
  const densest = densestModule(run);
  if (!densest) return null;
  const { key, density, chance } = densest;
  return card({
    title: 'Module kind that changed most',
    value: `${key}: ${percent(density)}`,
    context: [
      `${times(chance ? density / chance : null)} random (${percent(chance)}, the share of all ` +
        'that is listed)',
    ],
    terms: [part, dtype, 'exact count'],
  });
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
export const listedCards = (run, terms) =>
  run.model.listed
    ? [changedCard(run.model.listed, terms), stripesCard(run, terms), densestCard(run, terms)]
    : [];
