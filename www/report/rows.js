// The rows of "against a random update of the same size": which metrics, in which order, and how
// far a random update strays from its own baseline.

/** @import { Tensor } from './model.js' */
/** @import { Maybe } from './format.js' */

/**
 * A row of the comparison.
 * @typedef {object} Row
 * @property {string} id The metric that it leads to.
 * @property {string} label
 * @property {string} about What it is, in one line.
 * @property {boolean} [complement] It shows what the metric lacks to 1.
 * @property {boolean} [choosing] It means nothing where k covers all directions.
 * @property {'mean' | 'median'} [statistic] Over matrices.
 * @property {'principal' | 'low'} [mask] It is of summed counts of this mask.
 * @property {(tensor: Tensor, baseline: number) => Maybe} [deviation] In closed form, where the
 * report has none.
 * @property {string} [instead] The metric to take where no matrix has this one.
 */

/** @param {Tensor} tensor */
const shortSide = ({ shape }) => Math.min(...shape);

/**
 * The share of ‖Δ‖² in a fixed part of all directions is Beta distributed for a Gaussian update.
 * @param {Tensor} tensor
 * @param {number} share
 */
const shareDeviation = ({ shape }, share) =>
  Math.sqrt((2 * share * (1 - share)) / (shape[0] * shape[1] + 2));

/** @type {Row[]} */
export const ROWS = [
  {
    id: 'off_principal_share',
    label: 'Principal energy',
    about: 'share of ‖Δ‖² in the block of both rank-k principal subspaces',
    complement: true,
    choosing: true,
    deviation: shareDeviation,
  },
  { id: 'stable_rank', label: 'Stable rank of Δ', about: 'how many directions Δ spreads over' },
  {
    id: 'nss',
    label: 'Spectrum (NSS)',
    about: 'shift of all singular values, over their norm',
    // A sum of r squares of independent Gaussians.
    deviation: (tensor, level) => level / Math.sqrt(2 * shortSide(tensor)),
    instead: 'nss_top_k',
  },
  {
    id: 'rotation_median',
    label: 'Median rotation',
    about: 'median principal angle between the rank-k subspaces',
    choosing: true,
    statistic: 'median',
  },
  {
    id: 'rotation_max',
    label: 'Largest rotation',
    about: 'largest principal angle between the rank-k subspaces',
    choosing: true,
  },
  {
    id: 'principal_overlap',
    label: 'Principal mask',
    about: 'share of the changed weights among the largest of the rank-k part',
    choosing: true,
    mask: 'principal',
  },
  {
    id: 'low_overlap',
    label: 'Low-magnitude mask',
    about: 'share of the changed weights among the smallest of the base',
    mask: 'low',
  },
  {
    id: 'spectral_excess',
    label: 'Spectral excess κ',
    about: 'energy of Δ that the spectrum sees',
    deviation: (tensor, level) => level * Math.sqrt(2 / shortSide(tensor)),
  },
];

/** Where no matrix has its whole spectrum. @type {Row} */
export const LEADING = {
  id: 'nss_top_k',
  label: 'Spectrum (NSS of the top k)',
  about: 'shift of the leading k singular values, over their norm',
  deviation: ({ geometry }, level) => level / Math.sqrt(2 * (geometry?.k ?? 1)),
};

/**
 * The row of a metric.
 * @param {string} metric
 */
export const findRow = (metric) => [...ROWS, LEADING].find(({ id }) => id === metric) ?? ROWS[0];
