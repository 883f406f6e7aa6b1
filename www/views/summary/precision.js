// What the stored precision keeps of an adapter in its merge.
import { summarizeAdapter, unchangedAfterMerge } from '../../report/adapter.js';
import { count, number, percent } from '../../report/format.js';
import { card } from '../parts/card.js';

/** @import { Report, Rollup, Run } from '../../report/model.js' */
/** @import { Terms } from './terms.js' */

/**
 * @param {Rollup} model
 * @param {Terms} terms
 */
const describeDetail = (model, { tolerance }) =>
  `${percent(model.parameters ? model.bit_equal / model.parameters : null)} equal bit by bit; ` +
  `${percent(model.hidden_by_bf16)} differ as stored but not in bf16; ` +
  `${percent(model.sparsity_abs)} within |Δ| ≤ ${tolerance}`;

/**
 * Ranges reported of whole models say nothing of the weights that an adapter touches.
 * @param {Run} run
 * @param {Report} report
 * @param {Terms} terms
 */
function mergedCard(run, report, terms) {
  const { sparsity } = terms.reported;
  const ofModel = unchangedAfterMerge(run, report);
  return card({
    title: 'Unchanged in bf16, merged weights',
    value: percent(run.model.sparsity_bf16),
    context: [
      ofModel !== null &&
        `${percent(ofModel)} of the whole model, with what the adapter leaves as it is`,
      describeDetail(run.model, terms),
      sparsity && `published ranges are of whole models that were trained in full: ${sparsity}`,
    ],
    terms: ['adapted weights', terms.part, terms.eta, terms.dtype, 'exact count'],
  });
}

/**
 * @param {Run} run
 * @param {Terms} terms
 */
function mergeCard(run, { dtype, eta, part }) {
  const adapter = summarizeAdapter(run);
  if (!adapter) return null;
  const { changed, touched, realized, mergeError } = adapter;
  return card({
    title: 'Adapter kept after the merge',
    value: percent(adapter.survives),
    context: [
      `${count(changed)} of the ${count(touched)} weights with Δ ≠ 0 changed in bf16; ` +
        '100 % would be no loss',
      `realized ${number(realized)} of Δ on the whole; 1 where rounding takes nothing away`,
      `merge error ${number(mergeError)} of ‖Δ‖, the noise that rounding adds; 0 for none`,
    ],
    terms: [`${count(adapter.tensors)} adapted matrices`, part, eta, dtype, 'exact count and sums'],
  });
}

/**
 * @param {Run} run
 * @param {Report} report
 * @param {Terms} terms
 */
export const adapterCards = (run, report, terms) => [
  mergeCard(run, terms),
  mergedCard(run, report, terms),
];
