// What has to be known before any figure of a run is read.
import { h } from '../../dom/elements.js';
import { summarizeAdapter } from '../../report/adapter.js';
import { count, formatRange, number, percent } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { listBasisChanges, formatNumbers, describeKind } from '../../report/basis-change.js';
import { ofWholeRuns, findComparison } from '../../report/comparison.js';

/** @import { Comparison, Report, Run, Tensor } from '../../report/model.js' */

/**
 * @param {string} summary
 * @param {Tensor[]} tensors
 * @param {(tensor: Tensor) => string | null | undefined} text
 * @param {Record<string, string>} attributes
 */
const foldTensors = (summary, tensors, text, attributes = {}) =>
  h(
    'details',
    attributes,
    h('summary', {}, summary),
    h(
      'ul',
      { class: 'names' },
      tensors.map((tensor) => h('li', {}, h('code', {}, tensor.name), ` ${text(tensor) ?? ''}`)),
    ),
  );

/** @param {Run} run */
function failures({ tensors }) {
  const failed = tensors.filter(({ status }) => status === 'failed');
  return (
    failed.length > 0 &&
    foldTensors(`${failed.length} tensors failed`, failed, ({ error }) => error, {
      class: 'problem',
    })
  );
}

/** @param {Report} report */
const cancelled = ({ partial }) =>
  partial &&
  h(
    'p',
    { class: 'problem', role: 'status' },
    `Cancelled: ${partial.finished} of ${partial.total} tensors were finished; only these ` +
      'are shown.',
  );

/**
 * An adapter is compared before and after its merge, and no value may be taken for that of the
 * other.
 * @param {Run} run
 */
function adapterNote(run) {
  const adapter = summarizeAdapter(run);
  if (!adapter) return null;
  const { ranks, scales, tensors } = adapter;
  const whole = run.tensors.length - tensors;
  return h(
    'p',
    { class: 'note', id: 'adapter-note' },
    h('strong', {}, 'A LoRA adapter'),
    `, rank ${ranks.join(', ')}, scale ${scales.map(number).join(', ')}, on ` +
      `${count(tensors)} matrices` +
      `${whole > 0 ? `; ${count(whole)} tensors were trained whole` : ''}. ` +
      'What is said of the stored precision, of masks, maps, the Fisher and several runs is ' +
      'of the merged weights, as PEFT merges them. Size, spectra and rotations, by head too, ' +
      'are of Δ = s·B·A before the merge.',
  );
}

/**
 * A change of basis is not learning, and its values look like a lot of it.
 * @param {Run} run
 */
const basisNotes = (run) =>
  listBasisChanges(run).map(({ kind, layers, share, chance }) =>
    h(
      'p',
      { class: 'note basis' },
      h(
        'strong',
        {},
        `${layers.length === 1 ? 'Layer' : 'Layers'} ${formatNumbers(layers)}: value and ` +
          `output projections ${describeKind(kind)}`,
      ),
      '. Their update is a change of basis that leaves the layer’s function as it was: ' +
        `${formatRange(share, percent)} of it goes away with the best one (chance ` +
        `${formatRange(chance, percent)}). Every other figure of these projections describes ` +
        'the change of basis and not learning.',
    ),
  );

/** @param {Comparison | null} comparison */
const comparisonNote = (comparison) =>
  !ofWholeRuns(comparison) &&
  h(
    'p',
    { class: 'note', id: 'comparison-note' },
    h('strong', {}, comparison === 'steps' ? 'Steps of one run' : 'One step of a run'),
    '. What is reported elsewhere is of whole runs, which is another quantity: those ranges ' +
      'are not shown.',
  );

/**
 * The versions of a delta, as far as its files tell.
 * @param {import('../../report/model.js').DeltaSummary} delta
 */
function describeVersions({ base_version: from, target_version: to }) {
  const isKnown = to !== null && to !== undefined;
  if (isKnown && from !== null && from !== undefined) return `, version ${from} to ${to}`;
  return !isKnown ? '' : `, up to version ${to}`;
}

/**
 * @param {Run} run
 * @param {boolean} based
 */
const deltaNote = ({ delta }, based) =>
  delta &&
  h(
    'p',
    { class: 'note', id: 'delta-note' },
    h(
      'strong',
      {},
      'A sparse delta ' +
        `(${delta.layout}${describeVersions(delta)})${based ? '' : ' without its base'}`,
    ),
    `${delta.changed === null ? '' : ` that lists ${count(delta.changed)} weights`}. ${
      based
        ? 'The figures are of the checkpoint that it makes of the base; whether it was made ' +
          'from this base can’t be told.'
        : 'Which weights changed is known (those whose stored bits differ), not by how much: ' +
          'the size of the update, its spectrum, rotations, masks and what a Fisher weighs ' +
          'need the base. Tensors that it does not list are unknown here.'
    }`,
  );

/**
 * In the order in which they matter.
 * @param {Report} report
 * @param {number} place The run's.
 */
export function notices(report, place) {
  const run = report.runs[place];
  return [
    cancelled(report),
    failures(run),
    basisNotes(run),
    adapterNote(run),
    deltaNote(run, hasBase(report)),
    comparisonNote(findComparison(report, place)),
  ];
}

/**
 * Tensors that the Fisher given does not weigh.
 * @param {Run} run
 */
export function withoutFisher({ tensors }) {
  const unweighted = tensors.filter(({ fisher_note: note }) => note);
  return (
    unweighted.length > 0 &&
    foldTensors(
      `Without Fisher figures: ${unweighted.length} of ${tensors.length} tensors`,
      unweighted,
      ({ fisher_note: note }) => note,
    )
  );
}
