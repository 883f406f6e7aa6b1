// What has to be known before any value of a run is read, a line each.
import { h, replace } from '../../dom/elements.js';
import { summarizeAdapter } from '../../report/adapter.js';
import { count, counted, formatRange, number, percent, sentence } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { listBasisChanges, formatNumbers, describeKind } from '../../report/basis-change.js';
import { ofWholeRuns, findComparison } from '../../report/comparison.js';
import { describeCast, listRounding } from '../../report/cast-words.js';
import { describeRows } from '../../report/compared.js';
import { describePart } from '../../report/extent.js';
import { store } from '../../app/state.js';
import { info } from '../parts/info.js';

/** @import { Comparison, Report, Run, Tensor } from '../../report/model.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

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
    foldTensors(`${counted(failed.length, 'tensor')} failed`, failed, ({ error }) => error, {
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
 * A part of a model is not the model.
 * @param {Report} report
 * @param {Run} run
 */
function partNote(report, run) {
  const part = report.partial ? null : describePart(report, run);
  const rows = describeRows(run);
  if (part === null && rows !== null)
    return h('div', { class: 'note', id: 'rows-note' }, sentence(rows));
  return (
    part !== null &&
    h(
      'div',
      { class: 'note', id: 'part-note' },
      h('strong', {}, `P${part.slice(1)}`),
      '. Published ranges are of whole models, so they are not shown.',
    )
  );
}

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
    'div',
    { class: 'note', id: 'adapter-note' },
    h('strong', {}, 'A LoRA adapter'),
    `, rank ${ranks.join(', ')}, scale ${scales.map(number).join(', ')}, on ` +
      `${count(tensors)} matrices` +
      `${whole > 0 ? `; ${count(whole)} tensors were trained whole` : ''}. ` +
      'Precision, masks and overlaps: after merging. Norms, spectra, rotations: Δ = s·B·A before ' +
      'the merge. ',
    info(
      'the adapter',
      'The merge is PEFT’s, into the stored precision; maps and importance weights are of the ' +
        'merged weights, too. Spectra and rotations by head are of Δ = s·B·A.',
    ),
  );
}

/**
 * A change of basis is not learning, and its values look like a lot of it.
 * @param {Run} run
 */
const basisNotes = (run) =>
  listBasisChanges(run).map(({ kind, layers, share, chance }) =>
    h(
      'div',
      { class: 'note basis' },
      h(
        'strong',
        {},
        `${layers.length === 1 ? 'Layer' : 'Layers'} ${formatNumbers(layers)}: value and ` +
          `output projections ${describeKind(kind)}`,
      ),
      '. Their update is a change of basis that leaves the layer’s function as it was, and every ' +
        'other value of them describes it and not learning. ',
      info(
        `the change of basis of layers ${formatNumbers(layers)}`,
        `${formatRange(share, percent)} of the update goes away with the best change of basis ` +
          `(random ${formatRange(chance, percent)}).`,
      ),
    ),
  );

/**
 * Rounding between two dtypes is no training.
 * @param {Run} run
 */
function castNote(run) {
  const cast = describeCast(run);
  const texts = cast === null ? listRounding(run) : [`${run.checkpoint.name} ${cast}`];
  return texts.length > 0 && h('div', { class: 'note', id: 'cast-note' }, texts.join(' '));
}

/** @param {Comparison | null} comparison */
const comparisonNote = (comparison) =>
  !ofWholeRuns(comparison) &&
  h(
    'div',
    { class: 'note', id: 'comparison-note' },
    h('strong', {}, comparison === 'steps' ? 'Steps of one run' : 'One step of a run'),
    '. Published ranges are of whole runs, which is another quantity, so they are not shown.',
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
    'div',
    { class: 'note', id: 'delta-note' },
    h(
      'strong',
      {},
      'A sparse delta ' +
        `(${delta.layout}${describeVersions(delta)})${based ? '' : ' without its base'}`,
    ),
    `${delta.changed === null ? '' : ` that lists ${count(delta.changed)} weights`}. ${
      based
        ? 'Values are of the checkpoint that it makes of the base. '
        : 'Which weights changed is known, not by how much. '
    }`,
    info(
      'the delta',
      based
        ? 'Whether it was made from this base can’t be told from the files.'
        : 'Changed are those weights whose stored bits differ. The size of the update, its ' +
            'spectrum, rotations, masks and importance weights need the base. Tensors that the ' +
            'delta does not list are unknown here.',
    ),
  );

/**
 * In the order in which they matter: what stays, and what a reader may put away.
 * @param {Report} report
 * @param {number} place The run's.
 */
function listNotices(report, place) {
  const run = report.runs[place];
  const comparison = findComparison(report, place);
  return {
    lasting: [
      cancelled(report),
      failures(run),
      partNote(report, run),
      castNote(run),
      basisNotes(run),
    ],
    passing: [
      { id: 'adapter', note: adapterNote(run) },
      { id: 'delta', note: deltaNote(run, hasBase(report)) },
      { id: 'comparison', note: comparisonNote(comparison) },
    ],
  };
}

/**
 * @param {{ id: string, note: HTMLElement | null | undefined | false }} passing
 * @param {Set<string>} dismissed
 * @param {() => void} redraw
 */
function dismissible({ id, note }, dismissed, redraw) {
  if (!note || dismissed.has(id)) return null;
  note.replaceChildren(
    h('div', { class: 'note-text' }, ...note.childNodes),
    h(
      'button',
      {
        type: 'button',
        class: 'bare dismiss',
        'aria-label': 'Dismiss this note',
        onclick: () => {
          dismissed.add(id);
          redraw();
          document.getElementById('results-title')?.focus({ preventScroll: true });
        },
      },
      '✕',
    ),
  );
  return note;
}

/** @returns {Part} */
export function noticesPart() {
  const element = h('div', { class: 'notices' });
  /** @type {Set<string>} */
  const dismissed = new Set();
  /** @type {Report | null} */
  let seen = null;
  /** @param {State} state */
  function draw({ report, run }) {
    if (report !== seen) dismissed.clear();
    seen = report;
    if (!report?.runs[run]) return replace(element);
    const { lasting, passing } = listNotices(report, run);
    return replace(
      element,
      lasting,
      passing.map((one) => dismissible(one, dismissed, () => draw(store.state))),
    );
  }
  return { element, keys: ['report', 'run'], draw };
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
      `Without importance weights: ${unweighted.length} of ${tensors.length} tensors`,
      unweighted,
      ({ fisher_note: note }) => note,
    )
  );
}
