// One tensor of one run: everything the report says of it.
import { breakable, fold, h, replace } from '../../dom/elements.js';
import { afterReport, redrawKeepingFocus, drawSoon } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { METRICS, describeReferences, formatValue, formatChance } from '../../report/metrics.js';
import { reportedFor, findComparison } from '../../report/comparison.js';
import { loadTensor } from '../../report/details.js';
import { count, duration, number, percent, sentence, shape } from '../../report/format.js';
import { onTheme } from '../../charts/theme.js';
import { precisionFigures } from './precision.js';
import { geometryFigures } from './geometry.js';
import { alongSpectrum } from './along.js';
import { sweepFigures, sweepTables } from './sweep.js';
import { headFigures } from './heads.js';
import { listedFigures } from './listed.js';
import { mapFigures } from './maps.js';
import {
  adapterTable,
  basisTable,
  boundsTable,
  fisherTable,
  masksTable,
  randomTable,
} from './tables.js';
import { factsTable } from '../parts/figure.js';
import { explainedShare, findBasisChange, describeKind } from '../../report/basis-change.js';

/** @import { Comparison, Detailed, FunctionPreserving } from '../../report/model.js' */
/** @import { Settings, Tensor } from '../../report/model.js' */
/** @import { ReportedText } from '../../report/comparison.js' */
/** @import { Child } from '../../dom/elements.js' */
/** @import { State } from '../../app/state.js' */

/**
 * The dtype of the comparison, and those of the files where they differ from it.
 * @param {Detailed} tensor
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
 * @param {Detailed} tensor
 */
function describeSize({ shape: sides, transposed, parameters, listed }) {
  const all = sides.length
    ? `${shape(sides)}${transposed ? ' (inputs × outputs)' : ''}, ${count(parameters)} weights`
    : 'shape not told by the delta';
  return listed ? `${all}, ${count(listed.changed)} listed as changed` : all;
}

/** @param {Detailed} tensor */
const describeCodes = ({ quantized, parameters }) =>
  quantized &&
  `${percent(quantized.codes_equal / parameters)} of the 8-bit codes and ` +
    `${count(quantized.scales_equal)} of ${count(quantized.scales)} scales are equal`;

/**
 * @param {Detailed} tensor
 * @param {Settings} settings
 */
function badges(tensor, { eta }) {
  const { geometry } = tensor;
  const terms = [
    describeDtypes(tensor),
    describeCodes(tensor),
    tensor.adapter &&
      'LoRA adapter: precision, masks and maps of the merge, the rest of Δ before it',
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
 * @param {Detailed} tensor
 * @param {number} alpha
 * @param {Comparison | null} comparison
 */
function allFigures(tensor, alpha, comparison) {
  const known = METRICS.filter(
    ({ value, interval }) => value(tensor, alpha) !== null || interval?.(tensor, alpha),
  );
  const rows = known.map((metric) => {
    const chance = formatChance(metric, tensor, alpha);
    return [
      h('span', { title: metric.about }, metric.label),
      formatValue(metric, tensor, alpha),
      chance === null
        ? h('span', { class: 'reference' }, describeReferences(metric, comparison))
        : `chance ${chance}`,
    ];
  });
  return fold(
    'figures',
    rows.length === 1 ? 'Its one figure' : `All ${rows.length} figures`,
    factsTable('', ['Figure', 'Value', 'Chance level or reference'], rows),
  );
}

/** @param {Child[]} tables */
const asTables = (tables) =>
  tables.length > 0 &&
  fold('against k', 'Against k, as tables', h('div', { class: 'tables stacked' }, tables));

/**
 * Nothing where the report has nothing for it.
 * @param {string} title
 * @param {Child[]} all
 * @param {Child} more Stands below the charts.
 */
const part = (title, all, more = null) =>
  all.length > 0 &&
  h(
    'section',
    { 'aria-label': title },
    h('h4', { class: 'part' }, title),
    h('div', { class: 'charts' }, all),
    more,
  );

/** @type {((tensor: Detailed, reported: ReportedText, alpha: number) => Child)[]} */
const LATER = [
  (tensor, reported, alpha) =>
    part(
      'Where the update lies',
      [alongSpectrum(tensor), ...sweepFigures(tensor, reported, alpha)].filter(Boolean),
      asTables(sweepTables(tensor, alpha)),
    ),
  (tensor) => part('On the matrix', mapFigures(tensor)),
  (tensor) => part('Attention heads', headFigures(tensor)),
];

/**
 * The tensor so many places from one.
 * @param {Tensor[]} tensors
 * @param {string} from
 * @param {number} by
 */
const neighbour = (tensors, from, by) => {
  const place = tensors.findIndex(({ name }) => name === from);
  return tensors[(place + by + tensors.length) % tensors.length].name;
};

/**
 * Stands before any value of the two projections.
 * @param {FunctionPreserving | null} change
 */
function basisNote(change) {
  if (!change || !describeKind(change.kind)) return null;
  const { share, chance } = explainedShare(change);
  return h(
    'p',
    { class: 'note basis' },
    h('strong', {}, `Value and output projections of this layer ${describeKind(change.kind)}`),
    `. ${percent(share)} of their update goes away with that change of basis (chance ` +
      `${percent(chance)}), so the figures below describe it and not learning.`,
  );
}

/**
 * @param {Detailed} tensor
 * @param {State} state
 */
function content(tensor, { report, alpha, run }) {
  if (!report) return [];
  const comparison = findComparison(report, run);
  const reported = reportedFor(comparison);
  const change = findBasisChange(report.runs[run], tensor.name);
  /** @param {number} by */
  const move = (by) => () =>
    store.set({ tensor: neighbour(report.runs[run].tensors, tensor.name, by) });
  return [
    h(
      'div',
      { class: 'title-row' },
      h('h3', { id: 'detail-title' }, h('code', {}, breakable(tensor.name))),
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          {
            type: 'button',
            onclick: move(-1),
            'aria-label': 'Previous tensor',
            'data-key': 'previous',
          },
          '←',
        ),
        h(
          'button',
          { type: 'button', onclick: move(1), 'aria-label': 'Next tensor', 'data-key': 'next' },
          '→',
        ),
      ),
    ),
    h(
      'p',
      { class: 'about' },
      `${tensor.layer === null ? 'outside layers' : `layer ${tensor.layer}`}, ` +
        `${tensor.module}, ${describeSize(tensor)}, ${duration(tensor.seconds)}`,
    ),
    badges(tensor, report.settings),
    tensor.status === 'failed' && h('p', { class: 'problem' }, `Failed: ${tensor.error}`),
    basisNote(change),
    tensor.geometry_note && h('p', { class: 'note' }, sentence(tensor.geometry_note)),
    tensor.fisher_note && h('p', { class: 'note' }, `Fisher: ${tensor.fisher_note}`),
    part('As the delta lists', listedFigures(tensor)),
    part('Spectrum and rotation', geometryFigures(tensor, reported)),
    LATER.map((make) => drawSoon(() => make(tensor, reported, alpha))),
    part('In the stored precision', precisionFigures(tensor)),
    h(
      'div',
      { class: 'tables' },
      basisTable(change),
      adapterTable(tensor),
      masksTable(tensor),
      randomTable(tensor),
      boundsTable(tensor),
      fisherTable(tensor),
    ),
    tensor.status !== 'failed' && allFigures(tensor, alpha, comparison),
  ];
}

export function detailView() {
  const section = h('section', {
    class: 'block panel',
    id: 'detail',
    'aria-labelledby': 'detail-title',
  });
  /** @param {State} state */
  const draw = async (state) => {
    const { report, run, tensor: name } = state;
    const tensor = report && name !== null && (await loadTensor(report, run, name));
    // Meanwhile the reader may have gone on.
    if (state.report !== report || state.run !== run || state.tensor !== name) return;
    section.hidden = !tensor;
    redrawKeepingFocus(section, () => replace(section, tensor && content(tensor, state)));
  };
  store.watch(['report', 'run', 'alpha', 'tensor'], afterReport(draw));
  // Maps are pixels, which do not follow a variable's colour.
  onTheme(() => draw(store.state));
  return section;
}
