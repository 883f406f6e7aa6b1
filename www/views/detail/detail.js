// One tensor of one run: everything the report says of it, in tabs.
import { breakable, h, replace } from '../../dom/elements.js';
import { redrawKeepingFocus } from '../../dom/redraw.js';
import { onTheme } from '../../charts/theme.js';
import { store } from '../../app/state.js';
import { choose } from '../parts/view.js';
import { describeKind, explainedShare, findBasisChange } from '../../report/basis-change.js';
import { loadTensor } from '../../report/details.js';
import { count, duration, number, percent, sentence, shape } from '../../report/format.js';
import { filterTensors } from '../../report/table.js';
import { info } from '../parts/info.js';
import { tabPanel, tabStrip } from '../parts/tabs.js';
import { tabsOf } from './parts.js';
import { messageOf } from '../../report/message.js';

/** @import { Detailed, FunctionPreserving, Report } from '../../report/model.js' */
/** @import { Settings, Tensor } from '../../report/model.js' */
/** @import { Child } from '../../dom/elements.js' */
/** @import { State } from '../../app/state.js' */
/** @import { Part } from '../parts/part.js' */

/**
 * The dtype of the comparison, and those of the files where they differ from it.
 * @param {Tensor} tensor
 */
function describeDtypes({ dtype, dtype_base: base = dtype, dtype_tuned: tuned = dtype, listed }) {
  if (listed) return `${dtype}, as the delta lists it`;
  if (base === dtype && tuned === dtype) return dtype;
  return (
    `${base === tuned ? `stored as ${base}` : `stored as ${base} and ${tuned}`}, compared as ` +
    `${dtype}`
  );
}

/**
 * Shape and weights; not every layout of a delta tells them.
 * @param {Tensor} tensor
 */
function describeSize({ shape: sides, transposed, parameters, listed }) {
  const all = sides.length
    ? `${shape(sides)}${transposed ? ' (inputs × outputs)' : ''}, ${count(parameters)} weights`
    : 'the delta does not give its shape';
  return listed ? `${all}, ${count(listed.changed)} listed as changed` : all;
}

/** @param {Tensor} tensor */
const describeCodes = ({ quantized, parameters }) =>
  quantized &&
  `${percent(quantized.codes_equal / parameters)} of the 8-bit codes and ` +
    `${count(quantized.scales_equal)} of ${count(quantized.scales)} scales are equal`;

/**
 * @param {Tensor} tensor
 * @param {Settings} settings
 */
function badges(tensor, { eta }) {
  const { geometry } = tensor;
  const terms = [
    describeDtypes(tensor),
    describeCodes(tensor),
    tensor.adapter &&
      'LoRA adapter: precision, masks and maps after merging, all else of Δ = s·B·A',
    !tensor.listed && `η = ${eta}`,
  ].filter(Boolean);
  if (geometry) {
    terms.push(
      geometry.k === geometry.requested_k
        ? `k = ${geometry.k}`
        : `k = ${geometry.k} (${geometry.requested_k} set; the base has no higher rank)`,
    );
    terms.push(
      geometry.exact
        ? 'exact'
        : `estimated by ${geometry.method.replace('_', ' ')}, relative error of σ up to ` +
            `${number(geometry.spectrum_error)}`,
    );
    if (!geometry.converged) terms.push('not converged: the iteration ended at its cap');
  }
  return h(
    'p',
    { class: 'badges' },
    terms.map((term) => h('span', {}, term)),
  );
}

/**
 * Stands before any value of the two projections.
 * @param {FunctionPreserving | null} change
 */
function basisNote(change) {
  if (!change || !describeKind(change.kind)) return null;
  const { share, chance } = explainedShare(change);
  return h(
    'div',
    { class: 'note basis' },
    h('strong', {}, `Value and output projections of this layer ${describeKind(change.kind)}`),
    `. ${percent(share)} of their update goes away with that change of basis (random ` +
      `${percent(chance)}), so that the values below describe it and not learning.`,
  );
}

/**
 * The tensor so many places from one, among those that the filter keeps.
 * @param {Tensor[]} all
 * @param {string} from
 * @param {number} by
 */
function neighbour(all, from, by) {
  const kept = filterTensors(all, store.state.filter);
  const tensors = kept.some(({ name }) => name === from) ? kept : all;
  const place = tensors.findIndex(({ name }) => name === from);
  return tensors[(place + by + tensors.length) % tensors.length]?.name ?? from;
}

/** Closes the drawer. */
const close = () => choose({ tensor: null });

/**
 * @param {string} name
 * @param {Report} report
 * @param {number} run
 */
function head(name, report, run) {
  /** @type {(by: number, label: string, mark: string) => Child} */
  const step = (by, label, mark) =>
    h(
      'button',
      {
        type: 'button',
        class: 'bare',
        'aria-label': label,
        title: label,
        'data-key': label,
        onclick: () => choose({ tensor: neighbour(report.runs[run].tensors, name, by) }),
      },
      mark,
    );
  return h(
    'div',
    { class: 'title-row' },
    h('h3', { id: 'detail-title', tabIndex: -1 }, h('code', {}, breakable(name))),
    h(
      'div',
      { class: 'actions' },
      step(-1, 'Previous tensor', '‹'),
      step(1, 'Next tensor', '›'),
      h(
        'button',
        {
          type: 'button',
          class: 'bare',
          id: 'close-detail',
          'aria-label': 'Close',
          title: 'Close (Esc)',
          onclick: close,
        },
        '✕',
      ),
    ),
  );
}

/** The tab that stays open from tensor to tensor. */
let open = 'overview';

/**
 * @param {Detailed} tensor
 * @param {{ report: Report, run: number, alpha: number }} shown
 * @param {() => void} redraw
 * @returns {Child[]}
 */
function content(tensor, shown, redraw) {
  const { report, run } = shown;
  const tabs = tabsOf(tensor, shown);
  const tab = tabs.find(({ id }) => id === open) ?? tabs[0];
  const change = findBasisChange(report.runs[run], tensor.name);
  return [
    h(
      'div',
      { class: 'about' },
      `${report.runs[run].checkpoint.name}, ` +
        `${tensor.layer === null ? 'outside layers' : `layer ${tensor.layer}`}, ` +
        `${tensor.module}, ${describeSize(tensor)} `,
      info('this tensor', [badges(tensor, report.settings), `Took ${duration(tensor.seconds)}.`]),
    ),
    tensor.status === 'failed' && h('p', { class: 'problem' }, `Failed: ${tensor.error}`),
    basisNote(change),
    tensor.geometry_note && h('p', { class: 'note' }, sentence(tensor.geometry_note)),
    tensor.figures_note && h('p', { class: 'note' }, sentence(tensor.figures_note)),
    tensor.fisher_note && h('p', { class: 'note' }, `Fisher: ${tensor.fisher_note}`),
    tabStrip({
      label: 'Parts of the tensor',
      prefix: 'detail',
      tabs,
      open: tab.id,
      choose: (id) => {
        open = id;
        redraw();
      },
    }),
    tabPanel('detail', tab.id, ...tab.make()),
  ];
}

let isAwaited = false;
/** @type {string | null} The tensor that is drawn. */
let drawn = null;

const focusTitle = () => document.getElementById('detail-title')?.focus({ preventScroll: true });

/** Gives the focus to the tensor's name, once it is there. */
export function focusWhenDrawn() {
  isAwaited = drawn !== store.state.tensor;
  if (!isAwaited) focusTitle();
}

/**
 * The drawer of the tensor that is open. Its details may come later than it opens, and an answer
 * that comes after the next question is dropped.
 * @returns {Part}
 */
export function detailPart() {
  const element = h('section', { id: 'detail', class: 'detail' });
  let asked = 0;
  /** @param {State} state */
  async function draw({ report, run, alpha, tensor: name, phase }) {
    asked += 1;
    const own = asked;
    element.hidden = !report || name === null || phase !== 'done';
    if (!report || name === null || element.hidden) {
      drawn = null;
      return replace(element);
    }
    element.setAttribute('aria-labelledby', 'detail-title');
    /** @param {Child[]} parts */
    function show(...parts) {
      if (own !== asked || name === null || !report) return;
      redrawKeepingFocus(element, () => replace(element, head(name, report, run), parts));
      if (isAwaited) focusTitle();
      isAwaited = false;
      drawn = name;
    }
    const slow = setTimeout(
      () => show(h('p', { class: 'quiet', role: 'status' }, 'Loading …')),
      80,
    );
    try {
      const tensor = await loadTensor(report, run, name);
      const again = () => {
        if (own === asked) draw(store.state);
      };
      show(
        tensor
          ? content(tensor, { report, run, alpha }, again)
          : h('p', { class: 'note' }, `${report.runs[run].checkpoint.name} has no such tensor.`),
      );
    } catch (error) {
      show(
        h(
          'p',
          { class: 'problem', role: 'alert' },
          `The tensor could not be loaded: ${messageOf(error)}`,
        ),
      );
    } finally {
      clearTimeout(slow);
    }
    return undefined;
  }
  // Maps are pixels, which do not follow a variable's colour.
  onTheme(() => draw(store.state));
  return { element, keys: ['report', 'phase', 'run', 'alpha', 'tensor'], draw };
}
