// Masks beside a random choice, and bounds beside what they bound.
import {
  count,
  degrees,
  formatError,
  formatRange,
  number,
  percent,
  times,
} from '../../report/format.js';
import { explainedShare, describeKind } from '../../report/basis-change.js';
import { klByChance, klEnrichment, normByChance } from '../../report/fisher.js';
import { factsTable } from '../parts/figure.js';

/** @import { Bounds, Detailed, FunctionPreserving, GeometryChance } from '../../report/model.js' */
/** @import { Format, Maybe } from '../../report/format.js' */

/** @type {['principal' | 'low' | 'principal_not_low' | 'not_principal' | 'safe', string][]} */
const KINDS = [
  ['principal', 'principal: top α of the rank-k reconstruction'],
  ['low', 'low: bottom α of |W0|'],
  ['principal_not_low', 'principal and not low'],
  ['not_principal', 'not principal'],
  ['safe', 'safe: low or not principal'],
];

/** @param {Detailed} tensor */
export function masksTable({ masks }) {
  return masks.map((mask) =>
    factsTable(
      `Changed weights in masks, α = ${mask.alpha}, k = ${mask.k}`,
      ['Mask', 'Overlap', 'Random', '× random', 'Both'],
      KINDS.flatMap(([kind, label]) => {
        if (!mask[kind]) return [];
        const { overlap, chance, enrichment, both } = mask[kind];
        return [[label, percent(overlap), percent(chance), times(enrichment), count(both)]];
      }),
      `Of ${count(mask.changed)} changed weights. ` +
        `${mask.changed ? '' : 'None changed, so there is no overlap. '}Random is the mask’s ` +
        'own density.',
    ),
  );
}

/** @type {[keyof Bounds, string][]} */
const BOUNDS = [
  ['weyl', 'Weyl: largest |Δσ| ≤ ‖Δ‖₂'],
  ['nss', 'Mirsky: NSS ≤ ‖Δ‖_F / ‖W0‖_F'],
  ['ky_fan', 'Ky Fan: change of Σσ over the top k ≤ k‖Δ‖₂'],
  ['wedin_as_stated', 'Wedin as stated: sin θ ≤ ‖Δ‖₂ / γ'],
  ['wedin_strict', 'Wedin, strict: sin θ ≤ ‖Δ‖₂ / (γ − ‖Δ‖₂)'],
];

/** @param {Detailed} tensor */
export function boundsTable({ geometry }) {
  if (!geometry) return null;
  return factsTable(
    'Bounds',
    ['Inequality', 'Observed', '', 'Bound'],
    BOUNDS.filter(([id]) => geometry.bounds[id]).map(([id, label]) => {
      const { observed, bound } = geometry.bounds[id];
      const holds =
        bound === null || bound === undefined
          ? ''
          : observed <= bound * (1 + 1e-6) + 1e-12
            ? '≤'
            : '>';
      return [
        label,
        number(observed),
        holds,
        bound === null || bound === undefined ? 'void' : number(bound),
      ];
    }),
    'A bound above 1 on a sine says nothing. γ is the gap σₖ − σₖ₊₁ of the base; the strict ' +
      'form is void where γ ≤ ‖Δ‖₂.',
  );
}

/** @param {Detailed} tensor */
export function fisherTable(tensor) {
  const { fisher } = tensor;
  if (!fisher) return null;
  return factsTable(
    'Weighted by the Fisher',
    ['Metric', 'Observed', 'Random'],
    [
      ['½ Σ F·Δ²', number(fisher.kl_quadratic), number(klByChance(tensor))],
      ['× random', times(klEnrichment(tensor)), times(1)],
      ['share of the run’s ½ Σ F·Δ²', percent(fisher.kl_share), percent(fisher.weights_share)],
      ['√(Σ F·Δ²)', number(fisher.weighted_norm), number(normByChance(tensor))],
      ['Fisher on changed weights', percent(fisher.mass_on_changed), percent(fisher.chance)],
    ],
    `Σ F = ${number(fisher.mass)}. Random: the same update and Fisher, were they independent ` +
      'within the tensor; for the share, the tensor’s share of the weights.',
  );
}

/**
 * What a merge keeps of an adapter, and where its factors lie.
 * @param {Detailed} tensor
 */
export function adapterTable({ adapter, geometry }) {
  if (!adapter) return null;
  const { survives } = adapter;
  const lost = survives === null || survives === undefined ? null : 1 - survives;
  return factsTable(
    `LoRA adapter, rank ${adapter.rank}, scale ${number(adapter.scale)}`,
    ['Metric', 'Observed', 'Beside'],
    [
      ['weights with Δ ≠ 0', count(adapter.touched), ''],
      ['survives the merge', percent(adapter.survives), `${percent(lost)} is lost`],
      ['Δ realized by the merge', number(adapter.realized), 'no loss 1'],
      ['merge error', number(adapter.merge_error), 'no noise 0'],
      [
        'A in the principal subspace',
        percent(adapter.a_principal),
        `random ${percent(adapter.a_chance)}`,
      ],
      [
        'B in the principal subspace',
        percent(adapter.b_principal),
        `random ${percent(adapter.b_chance)}`,
      ],
    ],
    'Survives: changed in bf16 after the merge. Realized: ⟨Δ_merged, Δ⟩ over ‖Δ‖²; error: ' +
      '‖Δ_merged − Δ‖ over ‖Δ‖. ' +
      (geometry
        ? `Shares of ‖A‖² and ‖B‖² at k = ${geometry.k}; PiSSA starts at 100 %, MiLoRA at 0 %.`
        : ''),
  );
}

/**
 * What a change of basis explains of a layer's value and output projections.
 * @param {FunctionPreserving | null} change
 */
export function basisTable(change) {
  if (!change) return null;
  const { share, chance } = explainedShare(change);
  return factsTable(
    'Change of basis of value and output projections',
    ['Metric', 'Observed', 'Beside'],
    [
      ['found', describeKind(change.kind) ? change.kind.replaceAll('_', ' ') : 'none', ''],
      ['‖Δ‖ over ‖W0‖ of both', number(change.update_before), ''],
      ['without the best change of basis', number(change.update_after), ''],
      ['goes away with it', percent(share), `random ${percent(chance)}`],
      ['largest angle of a head', degrees(change.rotation_max), 'no turn 0°'],
      ...(change.permutation
        ? [['heads of the base, in the tuned order', change.permutation.join(' '), '']]
        : []),
    ],
    'Of V and O together, head by head, with the nearest rotation of each head. Random: what ' +
      'as many free rotations take of a random update. A change of basis is said to be found ' +
      'where at least three quarters go away.',
  );
}

/**
 * The ends that a chance level lies between.
 * @typedef {[number, number] | null | undefined} Range
 */

/**
 * @param {Range} range
 * @param {Format} format
 */
const formatLevel = (range, format = number) =>
  range ? [...new Set(range)].map(format).join(' to ') : number(null);

/**
 * Observed over a chance level, or over both ends of one.
 * @param {Maybe} observed
 * @param {Range} range
 */
function formatRatio(observed, range) {
  if (typeof observed !== 'number' || !range?.[0]) return times(null);
  return formatRange([observed / range[1], observed / range[0]], times);
}

/**
 * What an update of the same norm with independent entries would give. Reports from before these
 * chance levels have none.
 * @param {Detailed} tensor
 */
export function randomTable({ geometry, update }) {
  /** @type {(level: Maybe) => Range} */
  const exactly = (level) => (level === null || level === undefined ? null : [level, level]);
  /** @type {Partial<GeometryChance>} */
  const by = geometry?.chance ?? {};
  /**
   * @typedef {[name: string, observed: Maybe, chance: Range, format?: Format, deviation?: Maybe]
   * } Row
   */
  /** @type {Row[]} */
  const angles = [];
  if (by.draws !== undefined && geometry)
    angles.push(
      [
        `largest angle${geometry.resolved ? '' : ', not resolved'}`,
        geometry.rotation_max,
        exactly(by.rotation_max),
        degrees,
        by.rotation_max_deviation,
      ],
      ['median angle', geometry.rotation_median, exactly(by.rotation_median), degrees],
    );
  /** @type {Row[]} */
  const all = [
    ['NSS', geometry?.nss, exactly(by.nss)],
    [`NSS of the top ${geometry?.k}`, geometry?.nss_top_k, exactly(by.nss_top_k)],
    ...angles,
    ['‖sin Θ‖_F, left', geometry?.sin_theta?.left, geometry?.sin_theta?.chance_left],
    ['‖sin Θ‖_F, right', geometry?.sin_theta?.right, geometry?.sin_theta?.chance_right],
    ['stable rank of Δ', update?.stable_rank, exactly(update?.chance?.stable_rank)],
    ['Δ in its own top k', update?.share_top_k, exactly(update?.chance?.share_top_k), percent],
  ];
  const rows = all.filter(
    ([, observed, chance]) =>
      observed !== null &&
      observed !== undefined &&
      chance !== undefined &&
      (chance !== null || geometry?.sin_theta),
  );
  if (!rows.some(([, , chance]) => chance)) return null;
  const drawn =
    by.draws === undefined
      ? ''
      : `, of single angles the mean of ${by.draws} seeded draws ± their standard deviation`;
  return factsTable(
    'Beside a random update of the same size',
    ['Metric', 'Observed', 'Random', '× random'],
    rows.map(([name, observed, chance, format = number, deviation = null]) => [
      name,
      format(observed),
      formatLevel(chance, format) +
        (chance && deviation ? ` ± ${formatError(format, deviation)}` : ''),
      formatRatio(observed, chance),
    ]),
    'Random: independent Gaussian entries; for NSS and angles to first order in ' +
      `Δ${drawn}. ` +
      '‖sin Θ‖_F is that of all k principal angles of a side; ' +
      'a range where the spectrum is not known to its end, – where the gap at k is 0.',
  );
}
