// Figures and chance levels that a report does not have: they follow from what it has. The table of
// figures marks them as derived, and each has its one function here.
import { klByChance, klEnrichment, normByChance } from './fisher.js';
import { cosineDeviation, excess, meanOverPairs } from './overlaps.js';

/** @import { Maybe } from './format.js' */
/** @import { Tensor } from './model.js' */

/** @typedef {(tensor: Tensor, alpha: number) => Maybe} Read `alpha` is the place of α. */

/** By the id of the figure. @type {Record<string, Read>} */
export const DERIVED_VALUES = {
  kl_enrichment: klEnrichment,
  jaccard_excess: ({ overlap }) => excess(overlap?.mean_jaccard, overlap?.mean_jaccard_chance),
  cosine: ({ overlap }) => meanOverPairs(overlap?.cosine),
};

/** By the name of the chance level. @type {Record<string, Read>} */
export const DERIVED_LEVELS = {
  listed_density_chance: ({ listed }) => listed?.chance,
  kl_quadratic_chance: klByChance,
  kl_share_chance: ({ fisher }) => fisher?.weights_share,
  weighted_norm_chance: normByChance,
};

/** Standard deviations of chance levels, by the name of the level. @type {Record<string, Read>} */
export const DERIVED_DEVIATIONS = {
  cosine_chance: ({ overlap }) => cosineDeviation(overlap),
};
