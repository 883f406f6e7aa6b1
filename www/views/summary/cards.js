// The model in a few figures, each beside its chance level or what was reported elsewhere.
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { count, degrees, number, percent, times } from '../../report/format.js';
import { isAdapter } from '../../report/adapter.js';
import { summarizeFisher } from '../../report/fisher.js';
import { hasBase } from '../../report/listed.js';
import { mean, median as middle } from '../../report/means.js';
import { REPORTED } from '../../report/reported.js';
import { rotationOverChance } from '../../report/sin-theta.js';
import { reportedFor, spanOf } from '../../report/span.js';
import { card } from '../parts/card.js';
import { angleChanceInBrackets } from '../../report/chance.js';
import { listedCards } from './listed.js';
import { precisionCards } from './precision.js';

const spread = (held, format) =>
  held &&
  `mean of ${held.count} matrices: ${format(held.min)} to ${format(held.max)}, median ${format(held.median)}`;

/**
 * What the cards share: settings, dtype, how the spectra were computed, and what was reported
 * elsewhere as far as it is context.
 */
function termsOf(tensors, { k, eta, abs_tolerance: tolerance }, span) {
  const dtype = [...new Set(tensors.map((tensor) => tensor.dtype).filter(Boolean))].join(', ');
  const all = tensors.filter(({ geometry }) => geometry);
  const exact = all.filter(({ geometry }) => geometry.exact).length;
  const method =
    exact === all.length
      ? 'exact'
      : exact === 0
        ? 'estimated'
        : `exact for ${exact} of ${all.length}`;
  return {
    dtype,
    method,
    said: reportedFor(span),
    tolerance: number(tolerance),
    k: `k = ${k}`,
    eta: `η = ${eta}`,
  };
}

/** Over the matrices that have the figure; null in reports from before its chance level. */
const chanceOver = (average, tensors, field) =>
  average(
    tensors
      .filter(({ geometry }) => geometry?.[field] != null)
      .map(({ geometry }) => geometry.chance[field]),
  );

function nss({ model, tensors }, { dtype, method, k, said }) {
  const { nss: exact, nss_top_k: top } = model.spectral;
  const shown = exact ?? top;
  const chance = chanceOver(mean, tensors, exact ? 'nss' : 'nss_top_k');
  const partly =
    exact &&
    exact.count < model.matrices &&
    `whole spectrum known for ${exact.count} of ${model.matrices} matrices`;
  return card(
    exact ? 'NSS, shift of the spectrum' : 'NSS of the top k',
    number(shown?.mean),
    [
      chance !== null && `chance level ${number(chance)}, a random update of the same norm`,
      spread(shown, number),
      partly,
      said.nss && `reported magnitudes: ${said.nss}`,
    ],
    [exact ? 'whole spectrum' : k, dtype, method],
  );
}

/** A level, or the range that it is known to lie in. */
const range = (low, high, format) => [...new Set([low, high].map(format))].join(' to ');

function rotation({ model, tensors }, { dtype, method, k, said }) {
  const { rotation_max: largest, rotation_median: median } = model.spectral;
  const turned =
    largest &&
    tensors.find(({ geometry }) => geometry?.resolved && geometry.rotation_max === largest.max);
  const chance = chanceOver(middle, tensors, 'rotation_median');
  const most = largest
    ? `largest ${degrees(largest.max)}${turned ? angleChanceInBrackets(turned.geometry.chance) : ''}, over the ${largest.count} of ${model.matrices} matrices that are resolved`
    : 'no matrix is resolved at this k, so there is no largest angle';
  const over = rotationOverChance(tensors);
  return card(
    'Rotation of the principal subspaces',
    median ? `${degrees(median.median)} median` : '–',
    [
      chance !== null &&
        `chance level ${degrees(chance)}, a random update of the same norm (median too)`,
      over &&
        `‖sin Θ‖ of all angles ${range(over.low, over.high, times)} its chance level, a random update of the same norm (median of ${over.matrices} matrices)`,
      most,
      said.rotation && `reported for one layer: ${said.rotation}`,
    ],
    [k, dtype, method],
  );
}

function offPrincipal({ model, tensors }, { dtype, method, k }) {
  const { off_principal_share: share, off_principal_chance: chance } = model.spectral;
  const doubt = Math.max(...tensors.map(({ geometry }) => geometry?.shares_uncertainty ?? 0));
  return card(
    'Off-principal share of the update',
    percent(share?.mean),
    [
      `chance level ${percent(chance?.mean)}`,
      spread(share, percent),
      doubt > 0 && `each ± ${percent(doubt)} at most`,
    ],
    [k, dtype, method],
  );
}

function masks(model, alpha, { dtype, eta, k, said }) {
  const held = model.masks[alpha];
  if (!held) return [];
  const one = (title, kind) => {
    const [mask, known] = [held[kind], `${kind}_overlap`];
    return card(
      title,
      percent(mask.overlap),
      [
        `chance level ${percent(mask.chance)}; ${times(mask.enrichment)} as often`,
        held.changed === 0 && 'no weight of a matrix changed',
        held.alpha === REPORTED[known].alpha && said[known] && `reported ${said[known]}`,
      ],
      [`α = ${held.alpha}`, kind === 'principal' && k, eta, dtype],
    );
  };
  return [
    one('Changed weights of low magnitude', 'low'),
    one('Changed weights in the principal mask', 'principal'),
  ];
}

/** What the sums of the model run over. */
const extent = (run) => (isAdapter(run) ? 'adapted weights' : 'whole model');

const update = (run, { dtype }) =>
  card(
    'Relative update',
    number(run.model.relative_update),
    [
      `‖Δ‖ over ‖W0‖ of all tensors; a matrix’s own bounds its NSS`,
      `largest |Δ| ${number(run.model.max_abs_update)}`,
      run.model.non_finite > 0 && `${run.model.non_finite} weights are not finite`,
    ],
    [extent(run), dtype, 'exact'],
  );

/** Nothing where the report has no Fisher. */
function fisher(run, { fisher: file }, { dtype }) {
  const held = file && summarizeFisher(run);
  if (!held) return null;
  const { largest } = held;
  return card(
    'KL by the Fisher, ½ Σ F·Δ²',
    number(held.kl),
    [
      `chance level ${number(held.klChance)}, were update and Fisher independent in each tensor: ${times(held.klChance ? held.kl / held.klChance : null)} as much`,
      `${percent(held.massOnChanged)} of the Fisher lies on changed weights, chance level ${percent(held.massChance)}`,
      largest &&
        `the largest part in ${largest.key}: ${percent(largest.kl_share)}, chance level ${percent(largest.weights_share)}, its share of the weights`,
    ],
    [`Fisher: ${file.name}`, `${count(held.tensors)} tensors`, dtype, 'exact sum'],
  );
}

export function summaryCards() {
  const cards = h('div', { class: 'cards', id: 'summary' });
  store.watch(['report', 'run', 'alpha'], ({ report, run, alpha }) => {
    const shown = report?.runs[run];
    if (!shown) return replace(cards);
    const { model, tensors } = shown;
    const terms = termsOf(tensors, report.settings, spanOf(report, run));
    if (!hasBase(report)) return replace(cards, listedCards(shown, terms));
    return replace(
      cards,
      precisionCards(shown, report, terms),
      masks(model, alpha, terms),
      offPrincipal(shown, terms),
      nss(shown, terms),
      rotation(shown, terms),
      update(shown, terms),
      fisher(shown, report, terms),
    );
  });
  return cards;
}
