// A run in a few values, each beside a random update of the same size or what was published.
import { h, replace } from '../../dom/elements.js';
import { isAdapter } from '../../report/adapter.js';
import { isCast } from '../../report/cast.js';
import { coversAll } from '../../report/directions.js';
import { summarizeFisher } from '../../report/fisher.js';
import { count, degrees, formatRange, number, percent, times } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { mean } from '../../report/means.js';
import { compareOne } from '../../report/ratios.js';
import { REPORTED } from '../../report/reported.js';
import { rotationOverChance } from '../../report/sin-theta.js';
import { card } from '../parts/card.js';
import { listedCards } from './listed.js';
import { precisionCards } from './precision.js';
import { describeTerms } from './terms.js';

/** @import { GeometrySummary, Mean, Report } from '../../report/model.js' */
/** @import { Reading } from '../../report/ratios.js' */
/** @import { Run, Tensor } from '../../report/model.js' */
/** @import { Format, Maybe } from '../../report/format.js' */
/** @import { Terms } from './terms.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * @param {Mean | undefined} means
 * @param {Format} format
 */
const describeSpread = (means, format) =>
  means &&
  `mean of ${means.count} matrices: ${format(means.min)} to ${format(means.max)}, ` +
    `median ${format(means.median)}`;

/**
 * The chance levels of the matrices that have a value; none in reports from before them.
 * @param {Tensor[]} tensors
 * @param {(geometry: GeometrySummary) => { value: Maybe, chance: Maybe }} read
 */
const chanceLevels = (tensors, read) =>
  tensors.flatMap((tensor) => {
    const { geometry } = tensor;
    if (!geometry || isCast(tensor)) return [];
    const { value, chance } = read(geometry);
    return value === null || value === undefined ? [] : [chance];
  });

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function nssCard({ model, tensors }, { dtype, method, k, part, reported }) {
  const { nss: exact, nss_top_k: top } = /** @type {Record<string, Mean | undefined>} */ (
    model.spectral
  );
  const shown = exact ?? top;
  const chance = mean(
    chanceLevels(tensors, ({ nss, nss_top_k: leading, chance: by }) =>
      exact ? { value: nss, chance: by.nss } : { value: leading, chance: by.nss_top_k },
    ),
  );
  return card({
    title: exact ? 'NSS, shift of the spectrum' : 'NSS of the top k',
    value: number(shown?.mean),
    context: [
      chance !== null &&
        `random ${number(chance)}: an update of the same size with independent entries`,
      describeSpread(shown, number),
      exact &&
        exact.count < model.matrices &&
        `whole spectrum known for ${exact.count} of ${model.matrices} matrices`,
      reported.nss && `published magnitudes: ${reported.nss}`,
    ],
    terms: [exact ? 'whole spectrum' : k, part, dtype, method],
  });
}

/**
 * The mean of the largest angles, as everywhere on the page, and the largest of all.
 * @param {Tensor[]} open The matrices that k leaves directions of.
 * @param {Reading} reading
 */
function describeLargest(open, { value, baseline, matrices, of }) {
  if (value === null) return 'no matrix is resolved at this k, so there is no largest angle';
  const angles = open.flatMap(({ geometry }) =>
    geometry?.resolved && typeof geometry.rotation_max === 'number' ? [geometry.rotation_max] : [],
  );
  const random = baseline === null ? '' : ` (random ${degrees(baseline)})`;
  return (
    `largest angle ${degrees(value)}${random}, mean of ${matrices} of ${of} ` +
    `matrices; ${degrees(Math.max(...angles))} in one of them`
  );
}

/** What stands beside a value. @param {Reading} reading @param {Format} format */
const describeRandom = ({ ratio, baseline }, format) =>
  baseline !== null && `${times(ratio)} random (${format(baseline)})`;

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function rotationCard({ tensors }, { dtype, method, k, part, reported }) {
  const rotation = compareOne('rotation_median', tensors, 0);
  const open = tensors.filter((tensor) => tensor.geometry && !coversAll(tensor));
  const over = rotationOverChance(open.filter((tensor) => !isCast(tensor)));
  return card({
    title: 'Rotation of the principal subspaces',
    value: rotation.value === null ? '–' : `${degrees(rotation.value)} median`,
    context: [
      describeRandom(rotation, degrees),
      over &&
        `subspaces turned ${formatRange([over.low, over.high], times)} as far as under a random ` +
          `update of the same size (‖sin Θ‖, median of ${over.matrices} matrices)`,
      describeLargest(open, compareOne('rotation_max', tensors, 0)),
      rotation.note,
      reported.rotation && `published for one layer: ${reported.rotation}`,
    ],
    terms: [k, part, dtype, method],
  });
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function principalCard({ tensors }, { dtype, method, k, part }) {
  const energy = compareOne('off_principal_share', tensors, 0);
  return card({
    title: 'Principal energy of the update',
    value: percent(energy.value),
    context: [
      describeRandom(energy, percent),
      energy.value !== null &&
        `mean of ${energy.matrices} matrices; off-principal is the rest to 100 %`,
      energy.note,
    ],
    terms: [k, part, dtype, method],
  });
}

/**
 * @param {Run} run
 * @param {Terms} terms
 * @param {number} place The place of α.
 */
function maskCards({ model, tensors }, { dtype, eta, k, part, reported }, place) {
  const alpha = model.masks[place]?.alpha;
  if (alpha === undefined) return [];
  /**
   * @param {string} title
   * @param {'low_overlap' | 'principal_overlap'} metric
   */
  const maskCard = (title, metric) => {
    const mask = compareOne(metric, tensors, place);
    return card({
      title,
      value: percent(mask.value),
      context: [
        describeRandom(mask, percent),
        mask.note,
        alpha === REPORTED[metric].alpha && reported[metric] && `published ${reported[metric]}`,
      ],
      terms: [`α = ${alpha}`, metric === 'principal_overlap' && k, part, eta, dtype],
    });
  };
  return [
    maskCard('Changed weights of low magnitude', 'low_overlap'),
    maskCard('Changed weights in the principal mask', 'principal_overlap'),
  ];
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function updateCard(run, { dtype, part, whole }) {
  const { model } = run;
  const adapter = isAdapter(run) && 'adapted weights';
  return card({
    title: 'Relative update',
    value: number(model.relative_update),
    context: [
      `‖Δ‖ over ‖W0‖ of all tensors${part ? ' compared' : ''}; a matrix’s own bounds its NSS`,
      `largest |Δ| ${number(model.max_abs_update)}`,
      model.non_finite > 0 && `${model.non_finite} weights are not finite`,
    ],
    terms: [adapter, part ?? (!adapter && whole), dtype, 'exact'],
  });
}

/**
 * Nothing where the report has no Fisher.
 * @param {Run} run
 * @param {Report} report
 * @param {Terms} terms
 */
function fisherCard(run, { fisher: file }, { dtype, part }) {
  const summary = file && summarizeFisher(run);
  if (!summary) return null;
  const { kl, klChance, massOnChanged, massChance, largest } = summary;
  return card({
    title: 'KL by the Fisher, ½ Σ F·Δ²',
    value: number(kl),
    context: [
      `${times(klChance ? kl / klChance : null)} random (${number(klChance)}, were update and ` +
        'importance weights independent in each tensor)',
      `${percent(massOnChanged)} of the Fisher lies on changed weights, ` +
        `random ${percent(massChance)}`,
      largest &&
        `the largest part in ${largest.key}: ${percent(largest.kl_share)}, ` +
          `random ${percent(largest.weights_share)}, its share of the weights`,
    ],
    terms: [`Fisher: ${file.name}`, `${count(summary.tensors)} tensors`, part, dtype, 'exact sum'],
  });
}

/**
 * A part of the page with cards of the run in focus; empty where `make` has none.
 * @param {string} label
 * @param {(run: Run, report: Report, terms: Terms, alpha: number) => (Element | null)[]} make
 * @returns {Part}
 */
function cardsPart(label, make) {
  const cards = h('div', { class: 'cards', role: 'group', 'aria-label': label });
  const title = h('h3', {});
  const element = h('div', {}, title, cards);
  /** @param {State} state */
  function draw({ report, run: place, alpha }) {
    const run = report?.runs[place];
    const made = report && run ? make(run, report, describeTerms(report, place), alpha) : [];
    element.hidden = !made.some(Boolean);
    title.textContent = `${label}: ${run?.checkpoint.name ?? ''}`;
    replace(cards, made);
  }
  return { element, keys: ['report', 'run', 'alpha'], draw };
}

/** A delta without its base, of which nothing else tells the whole. */
export const listedPart = () =>
  cardsPart('What the delta lists', (run, report, terms) =>
    hasBase(report) ? [] : listedCards(run, terms),
  );

/** How large the update is, and what of it the stored precision keeps. */
export const precisionPart = () =>
  cardsPart('Precision and size', (run, report, terms) => [
    ...precisionCards(run, report, terms),
    updateCard(run, terms),
    fisherCard(run, report, terms),
  ]);

/** The run at the rank k of the report. */
export const subspacesPart = () =>
  cardsPart('At the k of the report', (run, _, terms, alpha) => [
    principalCard(run, terms),
    nssCard(run, terms),
    rotationCard(run, terms),
    ...maskCards(run, terms, alpha),
  ]);
