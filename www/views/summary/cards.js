// A run in a few values, each beside a random update of the same size or what was published.
import { h, replace } from '../../dom/elements.js';
import { isAdapter } from '../../report/adapter.js';
import { angleChanceInBrackets } from '../../report/chance.js';
import { describeCoverage } from '../../report/coverage.js';
import { summarizeFisher } from '../../report/fisher.js';
import { count, degrees, formatRange, number, percent, times } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { mean, median } from '../../report/means.js';
import { REPORTED } from '../../report/reported.js';
import { rotationOverChance } from '../../report/sin-theta.js';
import { card } from '../parts/card.js';
import { listedCards } from './listed.js';
import { precisionCards } from './precision.js';
import { describeTerms } from './terms.js';

/** @import { GeometrySummary, Mean, Report } from '../../report/model.js' */
/** @import { RollupMask, Run, Tensor } from '../../report/model.js' */
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
  tensors.flatMap(({ geometry }) => {
    if (!geometry) return [];
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
 * The largest angle of a run, beside that of a random update of its matrix.
 * @param {Run} run
 */
function describeLargest({ model, tensors }) {
  /** @type {Mean | undefined} */
  const largest = model.spectral.rotation_max;
  if (!largest) return 'no matrix is resolved at this k, so there is no largest angle';
  const turned = tensors
    .flatMap(({ geometry }) => geometry ?? [])
    .find(({ resolved, rotation_max: angle }) => resolved && angle === largest.max);
  return (
    `largest ${degrees(largest.max)}${turned ? angleChanceInBrackets(turned.chance) : ''}, ` +
    `over the ${largest.count} of ${model.matrices} matrices that are resolved`
  );
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function rotationCard(run, { dtype, method, k, part, reported }) {
  const { model, tensors } = run;
  /** @type {Mean | undefined} */
  const rotation = model.spectral.rotation_median;
  const chance = median(
    chanceLevels(tensors, ({ rotation_median: value, chance: by }) => ({
      value,
      chance: by.rotation_median,
    })),
  );
  const over = rotationOverChance(tensors);
  return card({
    title: 'Rotation of the principal subspaces',
    value: rotation ? `${degrees(rotation.median)} median` : '–',
    context: [
      describeCoverage(tensors),
      chance !== null &&
        `random ${degrees(chance)} (median too): an update of the same size with independent ` +
          'entries',
      over &&
        `subspaces turned ${formatRange([over.low, over.high], times)} as far as under a random ` +
          `update of the same size (‖sin Θ‖, median of ${over.matrices} matrices)`,
      describeLargest(run),
      reported.rotation && `published for one layer: ${reported.rotation}`,
    ],
    terms: [k, part, dtype, method],
  });
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function offPrincipalCard({ model, tensors }, { dtype, method, k, part }) {
  const { off_principal_share: share, off_principal_chance: chance } =
    /** @type {Record<string, Mean | undefined>} */ (model.spectral);
  const uncertainty = Math.max(...tensors.map(({ geometry }) => geometry?.shares_uncertainty ?? 0));
  return card({
    title: 'Off-principal share of the update',
    value: percent(share?.mean),
    context: [
      describeCoverage(tensors),
      `random ${percent(chance?.mean)}`,
      describeSpread(share, percent),
      uncertainty > 0 && `each ± ${percent(uncertainty)} at most`,
    ],
    terms: [k, part, dtype, method],
  });
}

/**
 * @param {RollupMask | undefined} masks
 * @param {Terms} terms
 */
function maskCards(masks, { dtype, eta, k, part, reported }) {
  if (!masks) return [];
  const { alpha, changed } = masks;
  /**
   * @param {string} title
   * @param {'low' | 'principal'} kind
   * @param {'low_overlap' | 'principal_overlap'} known
   */
  const maskCard = (title, kind, known) => {
    const { overlap, chance, enrichment } = masks[kind];
    return card({
      title,
      value: percent(overlap),
      context: [
        `${times(enrichment)} random (${percent(chance)})`,
        changed === 0 && 'no weight of a matrix changed',
        alpha === REPORTED[known].alpha && reported[known] && `published ${reported[known]}`,
      ],
      terms: [`α = ${alpha}`, kind === 'principal' && k, part, eta, dtype],
    });
  };
  return [
    maskCard('Changed weights of low magnitude', 'low', 'low_overlap'),
    maskCard('Changed weights in the principal mask', 'principal', 'principal_overlap'),
  ];
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function updateCard(run, { dtype, part }) {
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
    terms: [adapter, part ?? (!adapter && 'whole model'), dtype, 'exact'],
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
    offPrincipalCard(run, terms),
    nssCard(run, terms),
    rotationCard(run, terms),
    ...maskCards(run.model.masks[alpha], terms),
  ]);
