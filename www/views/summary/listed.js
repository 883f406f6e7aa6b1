// A sparse delta without its base in a few figures: how much it changed, and where.
import { count, counted, number, percent, times } from '../../report/format.js';
import { densestModule, medianDispersions } from '../../report/listed.js';
import { card } from '../parts/card.js';

function changed(
  {
    model: {
      listed: { tensors, changed: weights, parameters, density },
    },
  },
  { dtype, said },
) {
  const terms = ['stored bits, by the layout', dtype, 'exact count'];
  if (density === null)
    return card(
      'Weights that the delta lists',
      count(weights),
      [
        `in ${counted(tensors, 'tensor')}; the layout does not tell their shapes, so that there is no share`,
      ],
      terms,
    );
  return card(
    'Changed, as the delta lists',
    percent(density),
    [
      `${count(weights)} of the ${count(parameters)} weights of ${counted(tensors, 'tensor')} that it lists; ${percent(1 - density)} of them unchanged`,
      said.sparsity && `reported to stay unchanged, whole models: ${said.sparsity}`,
    ],
    terms,
  );
}

function stripes(run, { dtype }) {
  const held = medianDispersions(run);
  return (
    held &&
    card(
      'Stripes of rows, of columns',
      `${number(held.row)}, ${number(held.column)}`,
      [
        'chance level 1: variance of their shares of changed weights over that of independent changes',
        `medians over ${counted(held.count, 'matrix', 'matrices')}`,
      ],
      [dtype, 'exact count'],
    )
  );
}

function densest(run, { dtype }) {
  const held = densestModule(run);
  return (
    held &&
    card(
      'Module kind that changed most',
      `${held.key}: ${percent(held.density)}`,
      [
        `chance level ${percent(held.chance)}, the share of all that is listed; ${times(held.chance ? held.density / held.chance : null)} as often`,
      ],
      [dtype, 'exact count'],
    )
  );
}

export const listedCards = (run, terms) =>
  run.model.listed ? [changed(run, terms), stripes(run, terms), densest(run, terms)] : [];
