// One table of what the page can show of a tensor: how it is called, found, written, and read
// against.
import { count, number, percent, degrees, signed, times, within } from './format.js';
import { hasAdapter } from './adapter.js';
import { hasFisher, klByChance, klEnrichment, normByChance } from './fisher.js';
import { hasBase, hasDensity } from './listed.js';
import { cosineSpread, excess, hasOverlapChance, hasOverlaps, pairMean } from './overlaps.js';
import { REPORTED, reportedText } from './reported.js';
import { hasSinTheta, sinThetaByChance } from './sin-theta.js';
import { ofWholeRuns } from './span.js';

const at = (path) => (tensor) => path.split('.').reduce((held, key) => held?.[key], tensor) ?? null;
const mask = (kind, field) => (tensor, alpha) => tensor.masks?.[alpha]?.[kind]?.[field] ?? null;
const share = { format: percent, scale: 'linear' };
const size = { format: number, scale: 'log' };
const plain = { format: number, scale: 'linear' };
const angle = { format: degrees, scale: 'linear' };
const enriched = { format: times, scale: 'linear' };
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
/** Of the angles: no closed form gives their chance. */
const DRAWN =
  'Chance is the mean of 8 seeded draws of a random update of the same norm, to first order.';

const reportedJaccard = `reported for block 13 of five RLVR runs: ${Object.entries(
  REPORTED.jaccard.modules,
)
  .map(([module, [jaccard, chance]]) => `${module} ${number(jaccard)} (chance ${number(chance)})`)
  .join(', ')}`;

/**
 * `value(tensor, alpha)` and `chance(tensor, alpha)` are null where undefined; `doubt` is the
 * value’s uncertainty, `spread` the standard deviation of the chance level. `bare`: known of a
 * delta without its base too.
 */
export const METRICS = [
  {
    id: 'sparsity_bf16',
    group: PRECISION,
    label: 'Unchanged in bf16',
    ...share,
    value: at('precision.sparsity_bf16'),
    reported: `reported range, whole models: ${reportedText.sparsity}`,
    about: 'Share of weights that are equal up to η after both sides are cast to bf16.',
  },
  {
    id: 'hidden_by_bf16',
    group: PRECISION,
    label: 'Hidden by bf16',
    ...share,
    value: at('precision.hidden_by_bf16'),
    reference: '0 for checkpoints stored in bf16',
    about: 'Share of weights that differ as stored but not after the cast to bf16.',
  },
  {
    id: 'sparsity_abs',
    group: PRECISION,
    label: '|Δ| within tolerance',
    ...share,
    value: at('precision.sparsity_abs'),
    reference:
      'set beside “Unchanged in bf16”: an absolute tolerance also hides changes of small weights',
    about: 'Share of weights whose update is at most the absolute tolerance.',
  },
  {
    id: 'listed_density',
    group: PRECISION,
    label: 'Changed, as the delta lists',
    ...share,
    bare: true,
    present: hasDensity,
    value: at('listed.density'),
    chance: at('listed.chance'),
    reported: `reported range of what stays unchanged, whole models: ${reportedText.sparsity}`,
    about:
      'Share of the weights that the delta lists. Chance is the share of all tensors that it lists together: each tensor would have it, were the changes independent of the tensor.',
  },
  {
    id: 'listed_changed',
    group: PRECISION,
    label: 'Weights that the delta lists',
    ...size,
    format: count,
    bare: true,
    present: (report) => !hasBase(report),
    value: at('listed.changed'),
    reference: 'large tensors have more of them: where the layout tells the shapes, read the share',
    about: 'How many weights of the tensor the delta lists as changed.',
  },
  ...['row', 'column'].map((line) => ({
    id: `${line}_dispersion`,
    group: PRECISION,
    label: `${line === 'row' ? 'Row' : 'Column'} stripes`,
    ...size,
    bare: true,
    present: (report) => hasBase(report) || hasDensity(report),
    value: ({ precision, listed }) =>
      (precision ?? listed)?.[`${line}_density`]?.dispersion ?? null,
    chance: constant(1),
    about: `Variance of the ${line}s’ share of changed weights over that of independent changes.`,
  })),
  {
    id: 'relative_update',
    group: UPDATE,
    label: 'Relative update',
    ...size,
    value: at('update.relative_update'),
    reference: 'NSS can be no larger than this',
    about: '‖Δ‖ over ‖W0‖, Frobenius norms.',
  },
  {
    id: 'max_abs_update',
    group: UPDATE,
    label: 'Largest |Δ|',
    ...size,
    value: at('update.max_abs_update'),
    reference: 'set beside half a bf16 ULP of the weights (detail view, deciles)',
    about: 'The largest change of a single weight.',
  },
  {
    id: 'stable_rank',
    group: UPDATE,
    label: 'Stable rank of Δ',
    ...size,
    value: at('update.stable_rank'),
    chance: at('update.chance.stable_rank'),
    reference: 'at most the smaller side',
    about: '‖Δ‖_F² over ‖Δ‖_2²: how many directions the update spreads over.',
  },
  {
    id: 'share_top_k',
    group: UPDATE,
    label: 'Δ in its own top k',
    ...share,
    value: at('update.share_top_k'),
    chance: at('update.chance.share_top_k'),
    reference: 'at least k over the smaller side',
    about: 'Share of ‖Δ‖_F² in the update’s own k leading singular directions.',
  },
  {
    id: 'nss',
    group: SPECTRUM,
    label: 'NSS',
    ...size,
    value: at('geometry.nss'),
    chance: at('geometry.chance.nss'),
    reported: `reported magnitudes: ${reportedText.nss}`,
    about:
      'Normalised spectral shift ‖σ(W1)−σ(W0)‖ over ‖σ(W0)‖ of the whole spectrum; only where it was computed exactly.',
  },
  {
    id: 'nss_top_k',
    group: SPECTRUM,
    label: 'NSS of the top k',
    ...size,
    value: at('geometry.nss_top_k'),
    doubt: at('geometry.nss_top_k_uncertainty'),
    chance: at('geometry.chance.nss_top_k'),
    reference: 'another quantity than NSS of the whole spectrum',
    about: 'The same shift over the k leading singular values.',
  },
  {
    id: 'rotation_max',
    group: SPECTRUM,
    label: 'Largest rotation',
    ...angle,
    doubt: at('geometry.uncertainty'),
    value: (tensor) => (tensor.geometry?.resolved ? tensor.geometry.rotation_max : null),
    chance: at('geometry.chance.rotation_max'),
    spread: at('geometry.chance.rotation_max_deviation'),
    reported: `reported for one layer: ${reportedText.rotation}`,
    about: `Largest principal angle between the rank-k subspaces; no value where the gap at k does not resolve them. ${DRAWN}`,
  },
  {
    id: 'rotation_median',
    group: SPECTRUM,
    label: 'Median rotation',
    ...angle,
    value: at('geometry.rotation_median'),
    chance: at('geometry.chance.rotation_median'),
    reference: 'unrelated subspaces: near 90° for k far below the sides',
    about: `Median of all principal angles, left and right. ${DRAWN}`,
  },
  ...['left', 'right'].map((side) => ({
    id: `sin_theta_${side}`,
    group: SPECTRUM,
    label: `‖sin Θ‖, ${side}`,
    ...size,
    value: at(`geometry.sin_theta.${side}`),
    chance: sinThetaByChance(side),
    present: hasSinTheta,
    reference:
      'where the whole spectrum is not known, the detail view has a range instead of a chance level',
    about: `Frobenius norm of the sines of all k principal angles on the ${side}. Chance is that of a random update of the same norm, to first order.`,
  })),
  ...[
    ['share', 'both', 'block spanned by both principal subspaces'],
    ['left', 'left', 'left principal subspace'],
    ['right', 'right', 'right principal subspace'],
  ].map(([field, side, where]) => ({
    id: `off_principal_${field}`,
    group: OFF,
    label: field === 'share' ? 'Off-principal share' : `Off-principal, ${side}`,
    ...share,
    value: at(`geometry.off_principal_${field}`),
    doubt: at('geometry.shares_uncertainty'),
    chance: at(`geometry.chance.${side}`),
    about: `Share of ‖Δ‖_F² outside the ${where} of W0.`,
  })),
  ...[
    ['low', 'Low-magnitude', reportedText.low_overlap, 'are among the lowest α by |W0|'],
    [
      'principal',
      'Principal',
      reportedText.principal_overlap,
      'are in the principal mask: the top α of the rank-k reconstruction',
    ],
    ['safe', 'Safe-mask', null, 'are of low magnitude or not principal'],
  ].map(([kind, name, reported, which]) => ({
    id: `${kind}_overlap`,
    group: MASKS,
    label: `${name} overlap`,
    ...share,
    value: mask(kind, 'overlap'),
    chance: mask(kind, 'chance'),
    reported: reported && `reported ${reported}`,
    about: `Share of the changed weights that ${which}.`,
  })),
  ...[
    ['low', 'Low-magnitude'],
    ['principal', 'Principal'],
  ].map(([kind, name]) => ({
    id: `${kind}_enrichment`,
    group: MASKS,
    label: `${name} enrichment`,
    ...enriched,
    value: mask(kind, 'enrichment'),
    chance: constant(1),
    about: `${name} overlap over its chance level.`,
  })),
  {
    id: 'survives',
    group: ADAPTER,
    label: 'Survives the merge',
    ...share,
    value: at('adapter.survives'),
    reference: '100 %: nothing is lost in the merge',
    about:
      'Of the weights that the adapter touches, the share that the merged weight shows as changed in bf16.',
  },
  {
    id: 'realized',
    group: ADAPTER,
    label: 'Δ realized by the merge',
    ...plain,
    value: at('adapter.realized'),
    reference: '1: rounding takes nothing away on the whole',
    about: '⟨Δ_merged, Δ⟩ over ‖Δ‖²: how much of the adapter’s direction the merged weight has.',
  },
  {
    id: 'merge_error',
    group: ADAPTER,
    label: 'Merge error',
    ...size,
    value: at('adapter.merge_error'),
    reference: '0: the merge adds no noise',
    about: '‖Δ_merged − Δ‖ over ‖Δ‖, Frobenius norms: what rounding adds.',
  },
  ...['A', 'B'].map((factor) => ({
    id: `${factor.toLowerCase()}_principal`,
    group: ADAPTER,
    label: `${factor} in the principal subspace`,
    ...share,
    value: at(`adapter.${factor.toLowerCase()}_principal`),
    chance: at(`adapter.${factor.toLowerCase()}_chance`),
    reference: 'PiSSA starts at 100 %, MiLoRA at 0 %',
    about: `Share of ‖${factor}‖² in the rank-k principal subspace of the base on ${factor}’s side.`,
  })),
  {
    id: 'kl_quadratic',
    group: FISHER,
    label: 'KL by the Fisher',
    ...size,
    value: at('fisher.kl_quadratic'),
    chance: klByChance,
    reference: 'in the units of the Fisher file: Adam’s exp_avg_sq is one up to scale',
    about:
      '½ Σ F·Δ², the second-order estimate of the KL divergence. Chance is that of the same update and Fisher, were they independent.',
  },
  {
    id: 'kl_share',
    group: FISHER,
    label: 'Share of the KL',
    ...share,
    value: at('fisher.kl_share'),
    chance: at('fisher.weights_share'),
    about:
      'Share of ½ Σ F·Δ² of the run that comes from this tensor. Chance is its share of the weights.',
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
    value: at('fisher.weighted_norm'),
    chance: normByChance,
    about:
      'The root of Σ F·Δ². Chance is that of the same update and Fisher, were they independent.',
  },
  {
    id: 'mass_on_changed',
    group: FISHER,
    label: 'Fisher on changed weights',
    ...share,
    value: at('fisher.mass_on_changed'),
    chance: at('fisher.chance'),
    about:
      'Share of the Fisher’s sum that lies on weights that changed in bf16. Chance is the share of changed weights.',
  },
  {
    id: 'jaccard',
    group: SEVERAL,
    label: 'Jaccard of the runs (mean)',
    ...plain,
    bare: true,
    value: at('overlap.mean_jaccard'),
    chance: at('overlap.mean_jaccard_chance'),
    chanceInCell: true,
    reported: reportedJaccard,
    about: `${OF_ALL} weights that two runs both changed in bf16 over those that either changed, mean over pairs of runs. A figure after a stroke is the chance level.`,
  },
  {
    id: 'jaccard_excess',
    group: SEVERAL,
    label: 'Jaccard of the runs, less chance',
    format: signed,
    scale: 'linear',
    bare: true,
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
    value: ({ overlap }) => pairMean(overlap?.cosine),
    chance: constant(0),
    spread: ({ overlap }) => cosineSpread(overlap),
    about: `${OF_ALL} ⟨Δa, Δb⟩ over ‖Δa‖‖Δb‖, mean over pairs of runs. Chance is 0 ± 1/√N, the standard deviation of a pair of updates with N independent entries.`,
  },
];

/** Groups that not every report has: one run has nothing in common with others. */
const PRESENT = { [SEVERAL]: hasOverlaps, [FISHER]: hasFisher, [ADAPTER]: hasAdapter };
/** What this report has figures for. */
export const metricsOf = (report) =>
  METRICS.filter(
    ({ group, bare = false, present = PRESENT[group] }) =>
      (bare || hasBase(report)) && (present?.(report) ?? true),
  );

export const metric = (id) => METRICS.find((one) => one.id === id) ?? METRICS[0];

/** A value, ± its uncertainty where that is known. */
export const written = (one, tensor, alpha) =>
  within(one.format, one.value(tensor, alpha), one.doubt?.(tensor));
/**
 * A chance level, ± its standard deviation where it has one; null where the metric or the tensor
 * has none.
 */
export function writtenChance(one, tensor, alpha) {
  const level = one.chance?.(tensor, alpha) ?? null;
  return level === null ? null : within(one.format, level, one.spread?.(tensor));
}

/**
 * Lower and upper chance level over tensors that have the figure; null where the metric has none.
 */
export function chanceRange(one, tensors, alpha) {
  if (!one.chance) return null;
  const levels = tensors
    .filter((tensor) => one.value(tensor, alpha) !== null)
    .map((tensor) => one.chance(tensor, alpha))
    .filter((v) => v !== null);
  return levels.length ? [Math.min(...levels), Math.max(...levels)] : null;
}

/**
 * What a metric is read against beside chance. Figures of whole runs are none where the checkpoints
 * are not whole runs.
 */
export const references = ({ reference, reported }, span) =>
  [
    reference,
    reported &&
      (ofWholeRuns(span)
        ? reported
        : 'what is reported elsewhere is of whole runs, which is another quantity'),
  ]
    .filter(Boolean)
    .join('; ');

/** Chance and references of a metric in one line. */
export function besides(one, tensors, alpha, span) {
  const range = chanceRange(one, tensors, alpha);
  const text = range && [...new Set(range.map(one.format))].join(' to ');
  return [text && `chance level ${text}`, references(one, span)].filter(Boolean).join('; ');
}
