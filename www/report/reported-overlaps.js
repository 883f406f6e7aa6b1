// Overlaps of this report's runs beside those that were reported.
import { mean } from './means.js';
import { REPORTED } from './reported.js';

/** @import { Tensor } from './model.js' */

/**
 * Mean Jaccard of this report's matrices per module kind that PNT reports, with both chance levels.
 * @param {Tensor[]} tensors
 */
export function compareWithReported(tensors) {
  return Object.entries(REPORTED.jaccard.modules).flatMap(
    ([module, [reported, reportedChance]]) => {
      const overlaps = tensors.flatMap((tensor) =>
        tensor.module === module &&
        tensor.shape.length === 2 &&
        typeof tensor.overlap?.mean_jaccard === 'number'
          ? [tensor.overlap]
          : [],
      );
      if (!overlaps.length) return [];
      return [
        {
          module,
          observed: mean(overlaps.map(({ mean_jaccard: observed }) => observed)),
          chance: mean(overlaps.map(({ mean_jaccard_chance: chance }) => chance)),
          reported,
          reportedChance,
        },
      ];
    },
  );
}
