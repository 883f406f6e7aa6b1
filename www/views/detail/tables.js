// Masks beside chance, and bounds beside what they bound.
import { count, degrees, number, percent, times } from '../../report/format.js';
import { explainedShare, describeKind } from '../../report/basis-change.js';
import { klByChance, klEnrichment, normByChance } from '../../report/fisher.js';
import { facts } from '../parts/figure.js';

const KINDS = [
  ['principal', 'principal: top α of the rank-k reconstruction'],
  ['low', 'low: bottom α of |W0|'],
  ['principal_not_low', 'principal and not low'],
  ['not_principal', 'not principal'],
  ['safe', 'safe: low or not principal'],
];

export function masksTable({ masks }) {
  return masks.map((held) =>
    facts(
      `Changed weights in masks, α = ${held.alpha}, k = ${held.k}`,
      ['Mask', 'Overlap', 'Chance', 'Enrichment', 'Both'],
      KINDS.filter(([kind]) => held[kind]).map(([kind, label]) => {
        const { overlap, chance, enrichment, both } = held[kind];
        return [label, percent(overlap), percent(chance), times(enrichment), count(both)];
      }),
      `Of ${count(held.changed)} changed weights. ${held.changed ? '' : 'None changed, so there is no overlap. '}Chance is the mask’s own density.`,
    ),
  );
}

const BOUNDS = [
  ['weyl', 'Weyl: largest |Δσ| ≤ ‖Δ‖₂'],
  ['nss', 'Mirsky: NSS ≤ ‖Δ‖_F / ‖W0‖_F'],
  ['ky_fan', 'Ky Fan: change of Σσ over the top k ≤ k‖Δ‖₂'],
  ['wedin_as_stated', 'Wedin as stated: sin θ ≤ ‖Δ‖₂ / γ'],
  ['wedin_strict', 'Wedin, strict: sin θ ≤ ‖Δ‖₂ / (γ − ‖Δ‖₂)'],
];

export function boundsTable({ geometry }) {
  if (!geometry) return null;
  return facts(
    'Bounds',
    ['Inequality', 'Observed', '', 'Bound'],
    BOUNDS.filter(([id]) => geometry.bounds[id]).map(([id, label]) => {
      const { observed, bound } = geometry.bounds[id];
      const holds = bound === null ? '' : observed <= bound * (1 + 1e-6) + 1e-12 ? '≤' : '>';
      return [label, number(observed), holds, bound === null ? 'void' : number(bound)];
    }),
    'A bound above 1 on a sine says nothing. γ is the gap σₖ − σₖ₊₁ of the base; the strict form is void where γ ≤ ‖Δ‖₂.',
  );
}

export function fisherTable(tensor) {
  const { fisher } = tensor;
  if (!fisher) return null;
  return facts(
    'Weighted by the Fisher',
    ['Figure', 'Observed', 'Chance'],
    [
      ['½ Σ F·Δ²', number(fisher.kl_quadratic), number(klByChance(tensor))],
      ['over chance', times(klEnrichment(tensor)), times(1)],
      ['share of the run’s ½ Σ F·Δ²', percent(fisher.kl_share), percent(fisher.weights_share)],
      ['√(Σ F·Δ²)', number(fisher.weighted_norm), number(normByChance(tensor))],
      ['Fisher on changed weights', percent(fisher.mass_on_changed), percent(fisher.chance)],
    ],
    `Σ F = ${number(fisher.mass)}. Chance: the same update and Fisher, were they independent within the tensor; for the share, the tensor’s share of the weights.`,
  );
}

/** What a merge keeps of an adapter, and where its factors lie. */
export function adapterTable({ adapter: held, geometry }) {
  if (!held) return null;
  const lost = held.survives === null ? null : 1 - held.survives;
  return facts(
    `LoRA adapter, rank ${held.rank}, scale ${number(held.scale)}`,
    ['Figure', 'Observed', 'Beside'],
    [
      ['weights with Δ ≠ 0', count(held.touched), ''],
      ['survives the merge', percent(held.survives), `${percent(lost)} is lost`],
      ['Δ realized by the merge', number(held.realized), 'no loss 1'],
      ['merge error', number(held.merge_error), 'no noise 0'],
      [
        'A in the principal subspace',
        percent(held.a_principal),
        `chance ${percent(held.a_chance)}`,
      ],
      [
        'B in the principal subspace',
        percent(held.b_principal),
        `chance ${percent(held.b_chance)}`,
      ],
    ],
    `Survives: changed in bf16 after the merge. Realized: ⟨Δ_merged, Δ⟩ over ‖Δ‖²; error: ‖Δ_merged − Δ‖ over ‖Δ‖. ${geometry ? `Shares of ‖A‖² and ‖B‖² at k = ${geometry.k}; PiSSA starts at 100 %, MiLoRA at 0 %.` : ''}`,
  );
}

/** What a change of basis explains of a layer's value and output projections. */
export function basisTable(held) {
  if (!held) return null;
  const { share, chance } = explainedShare(held);
  return facts(
    'Change of basis of value and output projections',
    ['Figure', 'Observed', 'Beside'],
    [
      ['found', describeKind(held.kind) ? held.kind.replaceAll('_', ' ') : 'none', ''],
      ['‖Δ‖ over ‖W0‖ of both', number(held.update_before), ''],
      ['without the best change of basis', number(held.update_after), ''],
      ['goes away with it', percent(share), `chance ${percent(chance)}`],
      ['largest angle of a head', degrees(held.rotation_max), 'no turn 0°'],
      held.permutation && ['heads of the base, in the tuned order', held.permutation.join(' '), ''],
    ].filter(Boolean),
    'Of V and O together, head by head, with the nearest rotation of each head. Chance: what as many free rotations take of a random update. A change of basis is said to be found where at least three quarters go away.',
  );
}

/** [low, high] of a chance level that is known to lie between them. */
const between = (range, format = number) =>
  !range ? number(null) : [...new Set(range)].map(format).join(' to ');
/** Observed over a chance level, or over both ends of one. */
function over(observed, range) {
  if (observed === null || !range?.[0]) return times(null);
  return [...new Set([range[1], range[0]].map((end) => times(observed / end)))].join(' to ');
}

/**
 * What an update of the same norm with independent entries would give. Reports from before these
 * chance levels have none.
 */
export function randomTable({ geometry, update }) {
  const at = (level) => (level === null || level === undefined ? null : [level, level]);
  const by = geometry?.chance ?? {};
  const rows = [
    ['NSS', geometry?.nss, at(by.nss)],
    [`NSS of the top ${geometry?.k}`, geometry?.nss_top_k, at(by.nss_top_k)],
    ...(by.draws === undefined
      ? []
      : [
          [
            `largest angle${geometry.resolved ? '' : ', not resolved'}`,
            geometry.rotation_max,
            at(by.rotation_max),
            degrees,
            by.rotation_max_deviation,
          ],
          ['median angle', geometry.rotation_median, at(by.rotation_median), degrees],
        ]),
    ['‖sin Θ‖_F, left', geometry?.sin_theta?.left, geometry?.sin_theta?.chance_left],
    ['‖sin Θ‖_F, right', geometry?.sin_theta?.right, geometry?.sin_theta?.chance_right],
    ['stable rank of Δ', update?.stable_rank, at(update?.chance?.stable_rank)],
    ['Δ in its own top k', update?.share_top_k, at(update?.chance?.share_top_k), percent],
  ].filter(
    ([, observed, chance]) =>
      observed !== null &&
      observed !== undefined &&
      chance !== undefined &&
      (chance !== null || geometry?.sin_theta),
  );
  if (!rows.some(([, , chance]) => chance)) return null;
  return facts(
    'Beside a random update of the same norm',
    ['Figure', 'Observed', 'Chance', 'Over chance'],
    rows.map(([name, observed, chance, format = number, spread = null]) => [
      name,
      format(observed),
      `${between(chance, format)}${chance && spread ? ` ± ${format(spread)}` : ''}`,
      over(observed, chance),
    ]),
    `Chance: independent Gaussian entries; for NSS and angles to first order in Δ${by.draws === undefined ? '' : `, of single angles the mean of ${by.draws} seeded draws ± their standard deviation`}. ‖sin Θ‖_F is that of all k principal angles of a side; ` +
      'a range where the spectrum is not known to its end, – where the gap at k is 0.',
  );
}
