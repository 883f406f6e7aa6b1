// What the stored precision shows of the model, or of an adapter after its merge.
import { summarizeAdapter, isAdapter, unchangedAfterMerge } from '../../report/adapter.js';
import { strip } from '../../charts/strip.js';
import { count, number, percent } from '../../report/format.js';
import { REPORTED } from '../../report/reported.js';
import { card } from '../parts/card.js';

const sparsities = Object.fromEntries(
  ['RLVR', 'SFT'].map((kind) => [kind, REPORTED.sparsity[kind].map(([share]) => share)]),
);

const inDetail = (model, { tolerance }) =>
  `${percent(model.parameters ? model.bit_equal / model.parameters : null)} equal bit by bit; ${percent(model.hidden_by_bf16)} differ as stored but not in bf16; ${percent(model.sparsity_abs)} within |Δ| ≤ ${tolerance}`;

/** Ranges that were reported stand beside whole runs only. */
const sparsity = ({ model }, terms) =>
  card(
    'Unchanged in bf16',
    percent(model.sparsity_bf16),
    [
      terms.said.sparsity
        ? 'Line: this run. Bars: ranges reported for whole runs of other models (PNT, Table 1), a tick for each. One step of a run is another quantity.'
        : 'The ranges reported elsewhere are of whole runs, which is another quantity; they are not shown.',
      inDetail(model, terms),
    ],
    ['whole model', terms.eta, terms.dtype, 'exact count'],
    terms.said.sparsity && strip(model.sparsity_bf16, sparsities),
  );

/** Ranges reported of whole models say nothing of the weights that an adapter touches. */
function sparsityOfMerge(run, report, terms) {
  const whole = unchangedAfterMerge(run, report);
  return card(
    'Unchanged in bf16, merged weights',
    percent(run.model.sparsity_bf16),
    [
      whole !== null &&
        `${percent(whole)} of the whole model, with what the adapter leaves as it is`,
      inDetail(run.model, terms),
      terms.said.sparsity &&
        `reported ranges are of whole models that were trained in full: ${terms.said.sparsity}`,
    ],
    ['adapted weights', terms.eta, terms.dtype, 'exact count'],
  );
}

function merge(run, { dtype, eta }) {
  const held = summarizeAdapter(run);
  return card(
    'What of the adapter survives the merge',
    percent(held.survives),
    [
      `${count(held.changed)} of the ${count(held.touched)} weights with Δ ≠ 0 changed in bf16; 100 % would be no loss`,
      `realized ${number(held.realized)} of Δ on the whole; 1 where rounding takes nothing away`,
      `merge error ${number(held.mergeError)} of ‖Δ‖, the noise that rounding adds; 0 for none`,
    ],
    [`${count(held.tensors)} adapted matrices`, eta, dtype, 'exact count and sums'],
  );
}

export const precisionCards = (run, report, terms) =>
  isAdapter(run) ? [merge(run, terms), sparsityOfMerge(run, report, terms)] : sparsity(run, terms);
