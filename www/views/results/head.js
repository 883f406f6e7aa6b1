// What is compared, and the settings that every value is read with, in two lines.
import { h, replace } from '../../dom/elements.js';
import { isAdapter } from '../../report/adapter.js';
import { COMPARISONS, findComparison } from '../../report/comparison.js';
import { countExact } from '../../report/exactness.js';
import { describePart } from '../../report/extent.js';
import { bytes, counted, enumerate, parameters } from '../../report/format.js';
import { hasBase } from '../../report/listed.js';
import { shortenMiddle } from '../../report/short-name.js';

/** @import { Report } from '../../report/model.js' */
/** @import { Child } from '../../dom/elements.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * How many matrices have an exact spectrum.
 * @param {Report} report
 * @param {number} run
 */
export function describeMethod(report, run) {
  const { matrices, exact } = countExact([report.runs[run]]);
  if (!matrices) return 'no matrices';
  if (exact < matrices)
    return `${exact} of ${matrices} matrices exact, ${matrices - exact} estimated`;
  return exact === 1 ? '1 matrix, exact' : `all ${exact} matrices exact`;
}

/** What the bar shows on the screen, and paper does not have. @param {string} text */
const onPaper = (text) => h('span', { class: 'print-only' }, text);

/**
 * Every value is read with these.
 * @param {Report} report
 * @param {number} run
 * @returns {Child[]}
 */
function describeConditions(report, run) {
  const { k, alphas, eta, layers } = report.settings;
  const comparison = findComparison(report, run);
  const comparisonText = comparison ? ` · ${COMPARISONS[comparison]}` : '';
  const dtypes = [
    ...new Set(report.runs[run].tensors.map(({ dtype }) => dtype).filter(Boolean)),
  ].join(', ');
  const rest = `${layers ? ` · layers ${layers}` : ''}${comparisonText}`;
  const fisher = report.fisher ? ` · Fisher: ${report.fisher.name}` : '';
  if (!hasBase(report))
    return [`changed weights as the delta lists them · ${dtypes}${rest}${fisher}`];
  return [
    onPaper(`k = ${k} · α = ${alphas.join(', ')} · η = ${eta} · `),
    `${dtypes} · ${describeMethod(report, run)}${rest}${fisher}`,
  ];
}

/**
 * Number of weights of the side that has more of them.
 * @param {Report} report
 * @param {number} run
 */
function countWhole({ base, runs }, run) {
  const { coverage } = runs[run];
  return coverage ? Math.max(coverage.base, coverage.tuned) : base?.parameters;
}

/**
 * What was compared, in one line. A part of a model is not counted as the whole, and names that the
 * bar has are told again where there are several only.
 * @param {Report} report
 * @param {number} run
 * @returns {Child[]}
 */
function describeCompared(report, run) {
  const { checkpoint, tensors, model } = report.runs[run];
  const part = describePart(report, report.runs[run]) !== null;
  const { base } = report;
  const weights = base ? model.parameters : model.listed?.parameters;
  const whole = ` of ${parameters(countWhole(report, run))}`;
  const counts = [
    counted(tensors.length, 'tensor'),
    isAdapter(report.runs[run])
      ? `${part ? 'part of an ' : ''}adapter of ${parameters(checkpoint.parameters)} parameters` +
        (base && weights ? ` on ${parameters(weights)}${whole}` : '')
      : weights === null || weights === undefined
        ? 'shapes unknown'
        : `${parameters(weights)}${part && base ? whole : ''} parameters`,
    !part && bytes(checkpoint.bytes),
  ]
    .filter(Boolean)
    .join(', ');
  if (!base) return [`${checkpoint.name} without its base: ${counts}`];
  return report.runs.length > 1
    ? [onPaper(`${base.name} → `), `${checkpoint.name}: ${counts}`]
    : [onPaper(`${base.name} → ${checkpoint.name}: `), counts];
}

const NAMED = 4;

/** @param {Report} report */
export function nameResult({ base, runs }) {
  const names = runs.map(({ checkpoint }) => shortenMiddle(checkpoint.name, 26));
  const more = names.length - NAMED;
  const listed = enumerate(more > 0 ? [...names.slice(0, NAMED), `${more} more`] : names);
  return base ? `${shortenMiddle(base.name, 26)} → ${listed}` : listed;
}

/** @returns {Part} */
export function headPart() {
  const title = h('h2', { id: 'results-title', class: 'unseen', tabIndex: -1 });
  const conditions = h('p', { class: 'conditions' });
  /** @param {State} state */
  function draw({ report, run }) {
    if (!report) return;
    title.textContent = nameResult(report);
    replace(
      conditions,
      report.runs[run]
        ? [
            describeCompared(report, run),
            h('span', { class: 'wide-only' }, ' · ', describeConditions(report, run)),
          ]
        : 'This report holds no run.',
    );
  }
  const element = h('div', { class: 'result-head' }, title, conditions);
  return { element, keys: ['report', 'run'], draw };
}
