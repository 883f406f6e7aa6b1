// The experts of a mixture, projection by projection.
import { arrangeCells } from './grid.js';
import { findExpert } from './module-names.js';

/** @import { Tensor } from './model.js' */
/** @import { Cell } from './grid.js' */

/**
 * The experts of a row: a cell for each layer and expert.
 * @param {Tensor[]} tensors
 * @param {string} row
 * @returns {{ layers: number[], experts: number[], cells: (Cell & { expert: number })[] }}
 */
export function arrangeExperts(tensors, row) {
  const cells = arrangeCells(tensors)
    .cells.filter(({ module }) => module === row)
    .flatMap(({ layer, module, tensors: all }) =>
      all.map((tensor) => ({
        layer,
        module,
        expert: findExpert(tensor.name)?.expert ?? 0,
        tensors: [tensor],
      })),
    );
  /** @param {number[]} numbers */
  const ordered = (numbers) => [...new Set(numbers)].sort((a, b) => a - b);
  return {
    layers: ordered(cells.map(({ layer }) => layer ?? 0)),
    experts: ordered(cells.map(({ expert }) => expert)),
    cells,
  };
}

/**
 * The row of experts that all of some tensors belong to; null where they are not one projection of
 * several experts.
 * @param {Tensor[]} tensors
 */
export function findExpertRow(tensors) {
  const [first, ...others] = tensors;
  const row = first && findExpert(first.name)?.row;
  return row && others.length && others.every(({ name }) => findExpert(name)?.row === row)
    ? row
    : null;
}
