// A run in a few values, each beside a random update of the same size or what was published.
import { h, replace } from '../../dom/elements.js';
import { isAdapter } from '../../report/adapter.js';
import { summarizeFisher } from '../../report/fisher.js';
import { count, number, percent, times } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { card } from '../parts/card.js';
import { listedCards } from './listed.js';
import { adapterCards } from './precision.js';
import { describeTerms } from './terms.js';

/** @import { Report, Run } from '../../report/model.js' */
/** @import { Terms } from './terms.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function updateCard({ model }, { dtype, part }) {
  return card({
    title: 'Relative update',
    value: percent(model.relative_update),
    context: [
      `‖Δ‖ over ‖W0‖ of all tensors${part ? ' compared' : ''}; a matrix’s own bounds its NSS`,
      `largest |Δ| ${number(model.max_abs_update)}`,
      model.non_finite > 0 && `${model.non_finite} weights are not finite`,
    ],
    terms: ['adapted weights', part, dtype, 'exact'],
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

/** What an adapter is before its merge and after it, and what the Fisher weighs. */
export const precisionPart = () =>
  cardsPart('Precision and size', (run, report, terms) => [
    ...(isAdapter(run) ? [...adapterCards(run, report, terms), updateCard(run, terms)] : []),
    fisherCard(run, report, terms),
  ]);
