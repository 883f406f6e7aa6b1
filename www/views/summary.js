// The model in a few figures, each beside its chance level or what was reported elsewhere.
import { h, replace } from '../dom.js';
import { store } from '../state.js';
import { degrees, number, percent, times } from '../format.js';
import { strip } from '../charts/strip.js';

/** bf16 sparsity of whole models, PNT Table 1. */
export const REPORTED = {
  RLVR: [0.363, 0.384, 0.455, 0.525, 0.538, 0.617, 0.683, 0.695, 0.793, 0.797, 0.799, 0.917],
  SFT: [0.006, 0.028, 0.188],
};

const card = (title, value, ...rest) => h('article', { class: 'card' }, h('h3', {}, title), h('p', { class: 'figure' }, value),
  rest.flat().filter(Boolean).map((part) => (typeof part === 'string' ? h('p', { class: 'beside' }, part) : part)));

const spread = (mean, format) => mean && `${format(mean.min)} to ${format(mean.max)}, median ${format(mean.median)}, ${mean.count} matrices`;
const method = (tensors) => {
  const all = tensors.filter(({ geometry }) => geometry);
  const exact = all.filter(({ geometry }) => geometry.exact).length;
  return exact === all.length ? 'exact' : exact === 0 ? 'estimated' : 'partly estimated';
};

function sparsity(model, { eta }, dtype) {
  return card('Unchanged in bf16', percent(model.sparsity_bf16), `whole model, exact count; η = ${eta}, ${dtype}`,
    strip(model.sparsity_bf16, REPORTED), 'Reported for whole runs of other models (PNT, Table 1). One step of a run is another quantity.');
}

function nss(model, tensors) {
  const exact = model.spectral.nss;
  const top = model.spectral.nss_top_k;
  const mean = exact ?? top;
  return card(exact ? 'NSS' : 'NSS of the top k', number(mean?.mean), mean && `mean; ${spread(mean, number)}`,
    exact && exact.count < model.matrices ? `whole spectrum known for ${exact.count} of ${model.matrices} matrices` : null,
    `reported magnitudes: SFT about 1e−3 and more, RLVR about 1e−5; ${method(tensors)}`);
}

function rotation(model, tensors, { k }) {
  const { rotation_max: largest, rotation_median: median } = model.spectral;
  return card('Rotation of the principal subspaces', median ? `${degrees(median.mean)} median` : '–',
    largest ? `largest angle ${degrees(largest.max)}, over the ${largest.count} of ${model.matrices} matrices resolved at k = ${k}`
      : `no matrix is resolved at k = ${k}`,
    `reported for one layer: SFT above 10°, RLVR below 0.5°; ${method(tensors)}`);
}

function offPrincipal(model, tensors, { k }) {
  const { off_principal_share: share, off_principal_chance: chance } = model.spectral;
  return card('Off-principal share of the update', percent(share?.mean), `chance level ${percent(chance?.mean)}`,
    share && `mean; ${spread(share, percent)}; k = ${k}, ${method(tensors)}`);
}

const overlap = (title, mask, k, range) => card(title, percent(mask?.overlap),
  mask && `chance level ${percent(mask.chance)}, ${times(mask.enrichment)} as often`, range);

function masks(model, alpha, { k }) {
  const held = model.masks[alpha];
  if (!held) return [];
  const at = `α = ${held.alpha}, k = ${k}, ${held.changed ? 'of all changed weights in matrices' : 'no weight changed'}`;
  const known = held.alpha === 0.3;
  return [
    overlap('Changed weights of low magnitude', held.low, k, `${known ? 'reported at α = 0.3: SFT 32 %, RLVR 73 %; ' : ''}${at}`),
    overlap('Changed weights in the principal mask', held.principal, k, `${known ? 'reported at α = 0.3: RLVR below 30 %; ' : ''}${at}`),
  ];
}

const update = (model, dtype) => card('Relative update', number(model.relative_update),
  `‖Δ‖ over ‖W0‖, all tensors; ${dtype}`, `bounds NSS of each matrix; largest |Δ| ${number(model.max_abs_update)}`,
  model.non_finite > 0 && `${model.non_finite} weights are not finite`);

export function summaryCards() {
  const cards = h('div', { class: 'cards', id: 'summary' });
  store.watch(['report', 'run', 'alpha'], ({ report, run, alpha }) => {
    const shown = report?.runs[run];
    if (!shown) return replace(cards);
    const { model, tensors } = shown;
    const dtype = [...new Set(tensors.map((tensor) => tensor.dtype).filter(Boolean))].join(', ');
    const { settings } = report;
    replace(cards, sparsity(model, settings, dtype), masks(model, alpha, settings), offPrincipal(model, tensors, settings),
      nss(model, tensors), rotation(model, tensors, settings), update(model, dtype));
  });
  return cards;
}
