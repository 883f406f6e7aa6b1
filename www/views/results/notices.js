// What has to be known before any figure of a run is read.
import { h } from '../../dom/elements.js';
import { summarizeAdapter } from '../../report/adapter.js';
import { count, number, percent } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { listBasisChanges, formatNumbers, describeKind } from '../../report/basis-change.js';
import { STEPS, ofWholeRuns, spanOf } from '../../report/span.js';

const list = (summary, tensors, text, attributes = {}) =>
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

function failures({ tensors }) {
  const failed = tensors.filter(({ status }) => status === 'failed');
  return (
    failed.length > 0 &&
    list(`${failed.length} tensors failed`, failed, ({ error }) => error, { class: 'problem' })
  );
}

const cancelled = ({ partial }) =>
  partial &&
  h(
    'p',
    { class: 'problem', role: 'status' },
    `Cancelled: ${partial.finished} of ${partial.total} tensors were finished; only these are shown.`,
  );

/** An adapter is compared twice over, and no figure may be taken for that of the other. */
function adapter(run) {
  const held = summarizeAdapter(run);
  if (!held) return null;
  const { ranks, scales, tensors } = held;
  const whole = run.tensors.length - tensors;
  return h(
    'p',
    { class: 'note', id: 'adapter-note' },
    h('strong', {}, 'A LoRA adapter'),
    `, rank ${ranks.join(', ')}, scale ${scales.map(number).join(', ')}, on ${count(tensors)} matrices` +
      `${whole > 0 ? `; ${count(whole)} tensors were trained whole` : ''}. ` +
      'What is said of the stored precision, of masks, maps, the Fisher and several runs is of the merged weights, as PEFT merges them. Size, spectra and rotations, by head too, are of Δ = s·B·A before the merge.',
  );
}

const between = (ends) => [...new Set(ends.map(percent))].join(' to ');

/** A change of basis is no learning, and its figures look like a lot of it. */
const basis = (run) =>
  listBasisChanges(run).map(({ kind, layers, share, chance }) =>
    h(
      'p',
      { class: 'note basis' },
      h(
        'strong',
        {},
        `${layers.length === 1 ? 'Layer' : 'Layers'} ${formatNumbers(layers)}: value and output projections ${describeKind(kind)}`,
      ),
      `. Their update is a change of basis that leaves the layer’s function as it was: ${between(share)} of it goes away with the best one (chance ${between(chance)}). Every other figure of these projections describes the change of basis and not learning.`,
    ),
  );

const steps = (span) =>
  !ofWholeRuns(span) &&
  h(
    'p',
    { class: 'note', id: 'span-note' },
    h('strong', {}, span === STEPS ? 'Steps of one run' : 'One step of a run'),
    '. What is reported elsewhere is of whole runs, which is another quantity: those ranges are not shown.',
  );

/** The versions of a delta, as far as its files tell. */
function versions({ base_step: from, target_step: to }) {
  if (from !== null && to !== null) return `, version ${from} to ${to}`;
  return to === null ? '' : `, up to version ${to}`;
}

const delta = ({ delta: held }, based) =>
  held &&
  h(
    'p',
    { class: 'note', id: 'delta-note' },
    h(
      'strong',
      {},
      `A sparse delta (${held.layout}${versions(held)})${based ? '' : ' without its base'}`,
    ),
    `${held.changed === null ? '' : ` that lists ${count(held.changed)} weights`}. ${
      based
        ? 'The figures are of the checkpoint that it makes of the base; whether it was made from this base can’t be told.'
        : 'Which weights changed is known (those whose stored bits differ), not by how much: the size of the update, its spectrum, rotations, masks and what a Fisher weighs need the base. Tensors that it does not list are unknown here.'
    }`,
  );

/** In the order in which they matter. */
export function notices(report, at) {
  const run = report.runs[at];
  return [
    cancelled(report),
    failures(run),
    basis(run),
    adapter(run),
    delta(run, hasBase(report)),
    steps(spanOf(report, at)),
  ];
}

/** Tensors that the Fisher given says nothing of. */
export function withoutFisher({ tensors }) {
  const held = tensors.filter(({ fisher_note: note }) => note);
  return (
    held.length > 0 &&
    list(
      `Without Fisher figures: ${held.length} of ${tensors.length} tensors`,
      held,
      ({ fisher_note: note }) => note,
    )
  );
}
