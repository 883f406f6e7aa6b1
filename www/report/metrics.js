// One table of what the page can show of a tensor: how it is called, found, written, and read
// against.
import { hasAdapter } from './adapter.js';
import { hasFisher, klByChance, klEnrichment, normByChance } from './fisher.js';
import { count, degrees, formatRange, number, percent, signed, times, within } from './format.js';
import { hasBase, hasDensity } from './listed.js';
import { defined, extremes } from './means.js';
import {
  cosineDeviation,
  excess,
  hasOverlapChance,
  hasOverlaps,
  meanOverPairs,
} from './overlaps.js';
import { REPORTED, reportedText } from './reported.js';
import { hasSinTheta, sinThetaByChance } from './sin-theta.js';
import { ofWholeRuns } from './comparison.js';

/** @import { Adapter, Geometry, Profile, Report, SinTheta, Tensor } from './model.js' */
/** @import { Format, Maybe as Optional } from './format.js' */

/**
 * @template T
 * @typedef {T | null | undefined} Maybe
 */
/** @typedef {{ row_density?: Profile | null, column_density?: Profile | null }} Shares */
/** @import { Comparison } from './model.js' */

/** @typedef {(tensor: Tensor, alpha: number) => Optional} Read `alpha` is the place of α. */

/**
 * A metric as the table below writes it.
 * @typedef {object} Row
 * @property {string} id
 * @property {string} group
 * @property {string} label
 * @property {Format} format
 * @property {'linear' | 'log'} scale
 * @property {Read} value
 * @property {Read} [uncertainty] Of the value.
 * @property {Read} [chance] The chance level.
 * @property {Read} [deviation] Standard deviation of the chance level.
 * @property {boolean} [chanceInCell] Whether a cell of the heatmap shows the chance level too.
 * @property {boolean} [withoutBase] Whether a delta without its base has it too.
 * @property {(report: Report) => boolean} [present] Which reports have it.
 * @property {string | null} [reference] What it is read against besides chance.
 * @property {string | null} [reported] What was reported elsewhere, of whole runs.
 * @property {string} about
 */

/** @typedef {(tensor: Tensor, alpha: number) => number | null} Known Null where undefined. */

/**
 * A metric as the page uses it.
 * @typedef {Omit<Row, 'value' | 'chance'> & { value: Known, chance?: Known }} Metric
 */

/** @typedef {'low' | 'principal' | 'safe'} MaskKind */

/** @type {(kind: MaskKind, field: 'overlap' | 'chance' | 'enrichment') => Read} */
const mask = (kind, field) => (tensor, alpha) => tensor.masks?.[alpha]?.[kind]?.[field];

/** @type {(scale: 'linear' | 'log', format: Format) => Pick<Row, 'format' | 'scale'>} */
const written = (scale, format) => ({ format, scale });
const share = written('linear', percent);
const size = written('log', number);
const plain = written('linear', number);
const angle = written('linear', degrees);
const enriched = written('linear', times);
/** @type {(value: number) => Read} */
const constant = (value) => () => value;

export const GROUPS = [
  'Precision',
  'Size of the update',
  'Spectrum and rotation',
  'Off the principals',
  'Masks',
  'Adapter',
  'Fisher',
  'Several runs',
];

const [PRECISION, UPDATE, SPECTRUM, OFF, MASKS, ADAPTER, FISHER, SEVERAL] = GROUPS;

const OF_ALL = 'Of all runs together, not of the run in the open tab:';
/** What the chance of an angle is, which no closed form gives. */
const DRAWN =
  'Chance is the mean of 8 seeded draws of a random update of the same norm, to first order.';

const reportedJaccard = `reported for block 13 of five RLVR runs: ${Object.entries(
  REPORTED.jaccard.modules,
)
  .map(([module, [jaccard, chance]]) => `${module} ${number(jaccard)} (chance ${number(chance)})`)
  .join(', ')}`;

/** @typedef {(shares: Shares) => Maybe<Profile>} ReadShares */

/** @type {(line: 'row' | 'column', name: string, read: ReadShares) => Row} */
const stripes = (line, name, read) => ({
  id: `${line}_dispersion`,
  group: PRECISION,
  label: `${name} stripes`,
  ...size,
  withoutBase: true,
  present: (report) => hasBase(report) || hasDensity(report),
  value: ({ precision, listed }) => {
    const shares = precision ?? listed;
    return shares && read(shares)?.dispersion;
  },
  chance: constant(1),
  about: `Variance of the ${line}s’ share of changed weights over that of independent changes.`,
});

/** @type {(side: 'left' | 'right', read: (sines: SinTheta) => Optional) => Row} */
const sinTheta = (side, read) => ({
  id: `sin_theta_${side}`,
  group: SPECTRUM,
  label: `‖sin Θ‖, ${side}`,
  ...size,
  value: ({ geometry }) => geometry?.sin_theta && read(geometry.sin_theta),
  chance: sinThetaByChance(side),
  present: hasSinTheta,
  reference:
    'where the whole spectrum is not known, the detail view has a range instead of a chance level',
  about:
    `Frobenius norm of the sines of all k principal angles on the ${side}. ` +
    'Chance is that of a random update of the same norm, to first order.',
});

/** @typedef {{ value: Optional, chance: Optional }} Pair A value with its chance level. */

/** @type {(id: string, label: string, where: string, read: (geometry: Geometry) => Pair) => Row} */
const offPrincipal = (id, label, where, read) => ({
  id: `off_principal_${id}`,
  group: OFF,
  label,
  ...share,
  value: ({ geometry }) => geometry && read(geometry).value,
  uncertainty: ({ geometry }) => geometry?.shares_uncertainty,
  chance: ({ geometry }) => geometry && read(geometry).chance,
  about: `Share of ‖Δ‖_F² outside the ${where} of W0.`,
});

/** @type {(kind: MaskKind, name: string, which: string, reported?: string) => Row} */
const maskOverlap = (kind, name, which, reported) => ({
  id: `${kind}_overlap`,
  group: MASKS,
  label: `${name} overlap`,
  ...share,
  value: mask(kind, 'overlap'),
  chance: mask(kind, 'chance'),
  reported: reported && `reported ${reported}`,
  about: `Share of the changed weights that ${which}.`,
});

/** @type {(kind: MaskKind, name: string) => Row} */
const maskEnrichment = (kind, name) => ({
  id: `${kind}_enrichment`,
  group: MASKS,
  label: `${name} enrichment`,
  ...enriched,
  value: mask(kind, 'enrichment'),
  chance: constant(1),
  about: `${name} overlap over its chance level.`,
});

/** @type {(factor: 'A' | 'B', read: (adapter: Adapter) => Pair) => Row} */
const factorInSubspace = (factor, read) => ({
  id: `${factor.toLowerCase()}_principal`,
  group: ADAPTER,
  label: `${factor} in the principal subspace`,
  ...share,
  value: ({ adapter }) => adapter && read(adapter).value,
  chance: ({ adapter }) => adapter && read(adapter).chance,
  reference: 'PiSSA starts at 100 %, MiLoRA at 0 %',
  about:
    `Share of ‖${factor}‖² in the rank-k principal subspace of the base ` + `on ${factor}’s side.`,
});

/** @type {Row[]} */
const ROWS = [
  {
    id: 'sparsity_bf16',
    group: PRECISION,
    label: 'Unchanged in bf16',
    ...share,
    value: ({ precision }) => precision?.sparsity_bf16,
    reported: `reported range, whole models: ${reportedText.sparsity}`,
    about: 'Share of weights that are equal up to η after both sides are cast to bf16.',
  },
  {
    id: 'hidden_by_bf16',
    group: PRECISION,
    label: 'Hidden by bf16',
    ...share,
    value: ({ precision }) => precision?.hidden_by_bf16,
    reference: '0 for checkpoints stored in bf16',
    about: 'Share of weights that differ as stored but not after the cast to bf16.',
  },
  {
    id: 'sparsity_abs',
    group: PRECISION,
    label: '|Δ| within tolerance',
    ...share,
    value: ({ precision }) => precision?.sparsity_abs,
    reference:
      'set beside “Unchanged in bf16”: an absolute tolerance also hides changes of small weights',
    about: 'Share of weights whose update is at most the absolute tolerance.',
  },
  {
    id: 'listed_density',
    group: PRECISION,
    label: 'Changed, as the delta lists',
    ...share,
    withoutBase: true,
    present: hasDensity,
    value: ({ listed }) => listed?.density,
    chance: ({ listed }) => listed?.chance,
    reported: `reported range of what stays unchanged, whole models: ${reportedText.sparsity}`,
    about:
      'Share of the weights that the delta lists. Chance is the share of all tensors that it ' +
      'lists together: each tensor would have it, were the changes independent of the tensor.',
  },
  {
    id: 'listed_changed',
    group: PRECISION,
    label: 'Weights that the delta lists',
    ...size,
    format: count,
    withoutBase: true,
    present: (report) => !hasBase(report),
    value: ({ listed }) => listed?.changed,
    reference: 'large tensors have more of them: where the layout tells the shapes, read the share',
    about: 'How many weights of the tensor the delta lists as changed.',
  },
  stripes('row', 'Row', ({ row_density: density }) => density),
  stripes('column', 'Column', ({ column_density: density }) => density),
  {
    id: 'relative_update',
    group: UPDATE,
    label: 'Relative update',
    ...size,
    value: ({ update }) => update?.relative_update,
    reference: 'NSS can be no larger than this',
    about: '‖Δ‖ over ‖W0‖, Frobenius norms.',
  },
  {
    id: 'max_abs_update',
    group: UPDATE,
    label: 'Largest |Δ|',
    ...size,
    value: ({ update }) => update?.max_abs_update,
    reference: 'set beside half a bf16 ULP of the weights (detail view, deciles)',
    about: 'The largest change of a single weight.',
  },
  {
    id: 'stable_rank',
    group: UPDATE,
    label: 'Stable rank of Δ',
    ...size,
    value: ({ update }) => update?.stable_rank,
    chance: ({ update }) => update?.chance?.stable_rank,
    reference: 'at most the smaller side',
    about: '‖Δ‖_F² over ‖Δ‖_2²: how many directions the update spreads over.',
  },
  {
    id: 'share_top_k',
    group: UPDATE,
    label: 'Δ in its own top k',
    ...share,
    value: ({ update }) => update?.share_top_k,
    chance: ({ update }) => update?.chance?.share_top_k,
    reference: 'at least k over the smaller side',
    about: 'Share of ‖Δ‖_F² in the update’s own k leading singular directions.',
  },
  {
    id: 'nss',
    group: SPECTRUM,
    label: 'NSS',
    ...size,
    value: ({ geometry }) => geometry?.nss,
    chance: ({ geometry }) => geometry?.chance?.nss,
    reported: `reported magnitudes: ${reportedText.nss}`,
    about:
      'Normalised spectral shift ‖σ(W1)−σ(W0)‖ over ‖σ(W0)‖ of the whole spectrum; only ' +
      'where it was computed exactly.',
  },
  {
    id: 'nss_top_k',
    group: SPECTRUM,
    label: 'NSS of the top k',
    ...size,
    value: ({ geometry }) => geometry?.nss_top_k,
    uncertainty: ({ geometry }) => geometry?.nss_top_k_uncertainty,
    chance: ({ geometry }) => geometry?.chance?.nss_top_k,
    reference: 'another quantity than NSS of the whole spectrum',
    about: 'The same shift over the k leading singular values.',
  },
  {
    id: 'rotation_max',
    group: SPECTRUM,
    label: 'Largest rotation',
    ...angle,
    uncertainty: ({ geometry }) => geometry?.uncertainty,
    value: (tensor) => (tensor.geometry?.resolved ? tensor.geometry.rotation_max : null),
    chance: ({ geometry }) => geometry?.chance?.rotation_max,
    deviation: ({ geometry }) => geometry?.chance?.rotation_max_deviation,
    reported: `reported for one layer: ${reportedText.rotation}`,
    about:
      'Largest principal angle between the rank-k subspaces; no value where the gap at k does ' +
      `not resolve them. ${DRAWN}`,
  },
  {
    id: 'rotation_median',
    group: SPECTRUM,
    label: 'Median rotation',
    ...angle,
    value: ({ geometry }) => geometry?.rotation_median,
    chance: ({ geometry }) => geometry?.chance?.rotation_median,
    reference: 'unrelated subspaces: near 90° for k far below the sides',
    about: `Median of all principal angles, left and right. ${DRAWN}`,
  },
  sinTheta('left', ({ left }) => left),
  sinTheta('right', ({ right }) => right),
  offPrincipal(
    'share',
    'Off-principal share',
    'block spanned by both principal subspaces',
    ({ off_principal_share: value, chance: { both: chance } }) => ({ value, chance }),
  ),
  offPrincipal(
    'left',
    'Off-principal, left',
    'left principal subspace',
    ({ off_principal_left: value, chance: { left: chance } }) => ({ value, chance }),
  ),
  offPrincipal(
    'right',
    'Off-principal, right',
    'right principal subspace',
    ({ off_principal_right: value, chance: { right: chance } }) => ({ value, chance }),
  ),
  maskOverlap('low', 'Low-magnitude', 'are among the lowest α by |W0|', reportedText.low_overlap),
  maskOverlap(
    'principal',
    'Principal',
    'are in the principal mask: the top α of the rank-k reconstruction',
    reportedText.principal_overlap,
  ),
  maskOverlap('safe', 'Safe-mask', 'are of low magnitude or not principal'),
  maskEnrichment('low', 'Low-magnitude'),
  maskEnrichment('principal', 'Principal'),
  {
    id: 'survives',
    group: ADAPTER,
    label: 'Survives the merge',
    ...share,
    value: ({ adapter }) => adapter?.survives,
    reference: '100 %: nothing is lost in the merge',
    about:
      'Of the weights that the adapter touches, the share that the merged weight shows as ' +
      'changed in bf16.',
  },
  {
    id: 'realized',
    group: ADAPTER,
    label: 'Δ realized by the merge',
    ...plain,
    value: ({ adapter }) => adapter?.realized,
    reference: '1: rounding takes nothing away on the whole',
    about: '⟨Δ_merged, Δ⟩ over ‖Δ‖²: how much of the adapter’s direction the merged weight has.',
  },
  {
    id: 'merge_error',
    group: ADAPTER,
    label: 'Merge error',
    ...size,
    value: ({ adapter }) => adapter?.merge_error,
    reference: '0: the merge adds no noise',
    about: '‖Δ_merged − Δ‖ over ‖Δ‖, Frobenius norms: what rounding adds.',
  },
  factorInSubspace('A', ({ a_principal: value, a_chance: chance }) => ({ value, chance })),
  factorInSubspace('B', ({ b_principal: value, b_chance: chance }) => ({ value, chance })),
  {
    id: 'kl_quadratic',
    group: FISHER,
    label: 'KL by the Fisher',
    ...size,
    value: ({ fisher }) => fisher?.kl_quadratic,
    chance: klByChance,
    reference: 'in the units of the Fisher file: Adam’s exp_avg_sq is one up to scale',
    about:
      '½ Σ F·Δ², the second-order estimate of the KL divergence. Chance is that of the same ' +
      'update and Fisher, were they independent.',
  },
  {
    id: 'kl_share',
    group: FISHER,
    label: 'Share of the KL',
    ...share,
    value: ({ fisher }) => fisher?.kl_share,
    chance: ({ fisher }) => fisher?.weights_share,
    about:
      'Share of ½ Σ F·Δ² of the run that comes from this tensor. Chance is its share of the ' +
      'weights.',
  },
  {
    id: 'kl_enrichment',
    group: FISHER,
    label: 'KL over chance',
    ...enriched,
    scale: 'log',
    value: klEnrichment,
    chance: constant(1),
    about: '½ Σ F·Δ² over its chance level: below 1, the update avoids weights of a large Fisher.',
  },
  {
    id: 'weighted_norm',
    group: FISHER,
    label: 'Fisher norm of Δ',
    ...size,
    value: ({ fisher }) => fisher?.weighted_norm,
    chance: normByChance,
    about:
      'The root of Σ F·Δ². Chance is that of the same update and Fisher, were they independent.',
  },
  {
    id: 'mass_on_changed',
    group: FISHER,
    label: 'Fisher on changed weights',
    ...share,
    value: ({ fisher }) => fisher?.mass_on_changed,
    chance: ({ fisher }) => fisher?.chance,
    about:
      'Share of the Fisher’s sum that lies on weights that changed in bf16. Chance is the ' +
      'share of changed weights.',
  },
  {
    id: 'jaccard',
    group: SEVERAL,
    label: 'Jaccard of the runs (mean)',
    ...plain,
    withoutBase: true,
    value: ({ overlap }) => overlap?.mean_jaccard,
    chance: ({ overlap }) => overlap?.mean_jaccard_chance,
    chanceInCell: true,
    reported: reportedJaccard,
    about:
      `${OF_ALL} weights that two runs both changed in bf16 over those that either changed, ` +
      'mean over pairs of runs. A figure after a stroke is the chance level.',
  },
  {
    id: 'jaccard_excess',
    group: SEVERAL,
    label: 'Jaccard of the runs, less chance',
    format: signed,
    scale: 'linear',
    withoutBase: true,
    present: hasOverlapChance,
    chance: constant(0),
    value: ({ overlap }) => excess(overlap?.mean_jaccard, overlap?.mean_jaccard_chance),
    about: `${OF_ALL} the mean Jaccard index less that of independent runs of the same densities.`,
  },
  {
    id: 'cosine',
    group: SEVERAL,
    label: 'Cosine of Δ between runs (mean)',
    ...plain,
    value: ({ overlap }) => meanOverPairs(overlap?.cosine),
    chance: constant(0),
    deviation: ({ overlap }) => cosineDeviation(overlap),
    about:
      `${OF_ALL} ⟨Δa, Δb⟩ over ‖Δa‖‖Δb‖, mean over pairs of runs. Chance is 0 ± 1/√N, the ` +
      'standard deviation of a pair of updates with N independent entries.',
  },
];

/** @param {Row} row @returns {Metric} */
const withNulls = ({ value, chance, ...row }) => ({
  ...row,
  value: (tensor, alpha) => value(tensor, alpha) ?? null,
  ...(chance && { chance: (tensor, alpha) => chance(tensor, alpha) ?? null }),
});

/** All metrics, in the order of their groups. */
export const METRICS = ROWS.map(withNulls);

/**
 * Groups that not every report has: one run has nothing in common with others.
 * @type {Record<string, (report: Report) => boolean>}
 */
const PRESENT = { [SEVERAL]: hasOverlaps, [FISHER]: hasFisher, [ADAPTER]: hasAdapter };

/**
 * The metrics that a report has values for.
 * @param {Report} report
 */
export const availableMetrics = (report) =>
  METRICS.filter(
    ({ group, withoutBase = false, present = PRESENT[group] }) =>
      (withoutBase || hasBase(report)) && (present?.(report) ?? true),
  );

/** @param {string} id */
export const findMetric = (id) => METRICS.find((metric) => metric.id === id) ?? METRICS[0];

/**
 * A value, ± its uncertainty where that is known.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export const formatValue = (metric, tensor, alpha) =>
  within(metric.format, metric.value(tensor, alpha), metric.uncertainty?.(tensor, alpha));

/**
 * A chance level, ± its standard deviation where it has one; null where the metric or the tensor
 * has none.
 * @param {Metric} metric
 * @param {Tensor} tensor
 * @param {number} alpha
 */
export function formatChance(metric, tensor, alpha) {
  const level = metric.chance?.(tensor, alpha) ?? null;
  return level === null ? null : within(metric.format, level, metric.deviation?.(tensor, alpha));
}

/**
 * Lowest and highest chance level of the tensors that have a value; null where there is none.
 * @param {Metric} metric
 * @param {Tensor[]} tensors
 * @param {number} alpha
 */
export function chanceRange({ value, chance }, tensors, alpha) {
  if (!chance) return null;
  const levels = defined(
    tensors
      .filter((tensor) => value(tensor, alpha) !== null)
      .map((tensor) => chance(tensor, alpha)),
  );
  return levels.length ? extremes(levels) : null;
}

/**
 * What a metric is read against beside chance. What was reported of whole runs is not a reference
 * where the checkpoints are not whole runs.
 * @param {Pick<Metric, 'reference' | 'reported'>} metric
 * @param {Comparison | null} [comparison]
 */
export const describeReferences = ({ reference, reported }, comparison) =>
  [
    reference,
    reported &&
      (ofWholeRuns(comparison)
        ? reported
        : 'what is reported elsewhere is of whole runs, which is another quantity'),
  ]
    .filter(Boolean)
    .join('; ');

/**
 * Chance and references of a metric in one line.
 * @param {Metric} metric
 * @param {Tensor[]} tensors
 * @param {number} alpha
 * @param {Comparison | null} [comparison]
 */
export function describeContext(metric, tensors, alpha, comparison) {
  const range = chanceRange(metric, tensors, alpha);
  return [
    range && `chance level ${formatRange(range, metric.format)}`,
    describeReferences(metric, comparison),
  ]
    .filter(Boolean)
    .join('; ');
}
