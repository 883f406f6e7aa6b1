// A report: which run is shown, what it was computed with, and the views of it.
import { bringIntoView } from '../../dom/browser.js';
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { isAdapter } from '../../report/adapter.js';
import { describePart } from '../../report/extent.js';
import { hasBase, findVersions } from '../../report/listed.js';
import { hasOverlaps } from '../../report/overlaps.js';
import { COMPARISONS, areSteps, findComparison } from '../../report/comparison.js';
import { bytes, counted, duration, moment, parameters } from '../../report/format.js';
import { describeBackend } from '../../report/backend.js';
import { leftOut } from '../parts/left-out.js';
import { notices, withoutFisher } from './notices.js';
import { summaryCards } from '../summary/cards.js';
import { heatmapView } from './heatmap.js';
import { tableView } from './table.js';
import { runSweepView } from './run-sweep.js';
import { detailView } from '../detail/detail.js';
import { severalView } from '../several/several.js';
import { downloads, reportInput } from '../parts/report-file.js';

/** @import { Report } from '../../report/model.js' */

/** @typedef {{ report: Report, run: number, alpha: number }} Shown */

/** @param {Shown} shown */
function tabs({ report, run }) {
  /** @param {number} i */
  const pick = (i) => {
    store.set({ run: i });
    document.getElementById(`run-tab-${i}`)?.focus();
  };
  /** @param {KeyboardEvent} event */
  const onkeydown = ({ key }) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step) pick((store.state.run + step + report.runs.length) % report.runs.length);
  };
  return h(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-label': 'Tuned checkpoint', onkeydown },
    report.runs.map(({ checkpoint }, i) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `run-tab-${i}`,
          'aria-selected': String(i === run),
          'aria-controls': 'run-panel',
          tabIndex: i === run ? 0 : -1,
          onclick: () => pick(i),
        },
        checkpoint.name,
      ),
    ),
  );
}

/** @param {Shown} shown */
function alphaPicker({ report, alpha }) {
  const { alphas } = report.settings;
  if (alphas.length < 2 || !hasBase(report)) return null;
  const select = h(
    'select',
    { id: 'alpha', onchange: () => store.set({ alpha: Number(select.value) }) },
    alphas.map((value, i) =>
      h('option', { value: String(i), selected: i === alpha }, String(value)),
    ),
  );
  return h('label', { class: 'inline' }, 'Masks at α = ', select);
}

/**
 * The way to the part on all runs together, which stands below that on the run.
 * @param {Shown} shown
 */
function toSeveral({ report }) {
  if (!hasOverlaps(report)) return null;
  const what =
    areSteps(report) || findVersions(report) ? 'Steps together' : 'Several runs together';
  return h(
    'button',
    {
      type: 'button',
      id: 'to-several',
      onclick: () => {
        bringIntoView('several', 'start');
        document.getElementById('several-title')?.focus({ preventScroll: true });
      },
    },
    `${what} ↓`,
  );
}

/**
 * Every value below is read with these.
 * @param {Report} report
 * @param {number} run
 */
function conditions(report, run) {
  const { k, alphas, eta, layers } = report.settings;
  const { tensors } = report.runs[run];
  const comparison = findComparison(report, run);
  const comparisonText = comparison ? ` · ${COMPARISONS[comparison]}` : '';
  const dtypes = [...new Set(tensors.map((tensor) => tensor.dtype).filter(Boolean))].join(', ');
  const rest = `${layers ? ` · layers ${layers}` : ''}${comparisonText}`;
  if (!hasBase(report)) return `changed weights as the delta lists them · ${dtypes}${rest}`;
  const matrices = tensors.flatMap(({ geometry }) => geometry ?? []);
  const exact = matrices.filter((geometry) => geometry.exact).length;
  const how = !matrices.length
    ? 'no matrices'
    : exact === matrices.length
      ? `all ${exact} matrices exact`
      : `${exact} of ${matrices.length} matrices exact, ${matrices.length - exact} estimated`;
  return `k = ${k} · α = ${alphas.join(', ')} · η = ${eta} · ${dtypes} · ${how}${rest}`;
}

/**
 * What was compared, in one line. A part of a model is not counted as the whole.
 * @param {Report} report
 * @param {number} run
 */
function describeCompared(report, run) {
  const { checkpoint, tensors, model } = report.runs[run];
  const part = describePart(report, report.runs[run]) !== null;
  const { base } = report;
  const weights = base ? model.parameters : model.listed?.parameters;
  const counts = [
    counted(tensors.length, 'tensor'),
    isAdapter(report.runs[run])
      ? `${part ? 'part of an ' : ''}adapter of ${parameters(checkpoint.parameters)} parameters`
      : weights === null || weights === undefined
        ? 'shapes not told'
        : `${parameters(weights)}${part && base ? ` of ${parameters(base.parameters)}` : ''} ` +
          'parameters',
    !part && bytes(checkpoint.bytes),
  ]
    .filter(Boolean)
    .join(', ');
  return base
    ? `${base.name} → ${checkpoint.name}: ${counts}`
    : `${checkpoint.name} without its base: ${counts}`;
}

/** @param {Shown} shown */
function head({ report, run }) {
  const { left_out: out } = report.runs[run];
  return [
    notices(report, run),
    h(
      'p',
      { class: 'conditions' },
      describeCompared(report, run),
      h('br'),
      conditions(report, run),
      report.fisher && ` · Fisher: ${report.fisher.name}`,
    ),
    h(
      'div',
      { class: 'conditions' },
      leftOut(out),
      withoutFisher(report.runs[run]),
      h(
        'span',
        { class: 'quiet' },
        ` Computed in ${duration(report.timings?.total)} by ${describeBackend(report.backend)}. `,
        h('span', { class: 'unbroken' }, moment(report.created)),
      ),
    ),
  ];
}

export function resultsView() {
  const bar = h('div', { class: 'bar' });
  const top = h('div', {});
  const section = h(
    'section',
    { class: 'results', 'aria-labelledby': 'results-title' },
    h(
      'div',
      { class: 'title-row' },
      h('h2', { id: 'results-title', tabIndex: -1 }, 'Report'),
      h(
        'div',
        { class: 'actions' },
        downloads(),
        reportInput('other-report-input'),
        h(
          'button',
          {
            type: 'button',
            id: 'new',
            onclick: () => store.set({ phase: store.state.inventory ? 'found' : 'start' }),
          },
          'New comparison',
        ),
      ),
    ),
    bar,
    h(
      'div',
      { id: 'run-panel', role: 'tabpanel', 'aria-label': 'Run' },
      top,
      summaryCards(),
      heatmapView(),
      runSweepView(),
      detailView(),
      severalView(),
      tableView(),
    ),
  );
  store.watch(['phase', 'report'], ({ phase, report }) => {
    const was = section.hidden;
    section.hidden = phase !== 'done' || !report;
    // What had the focus is gone with the run: the report takes it, and is read out.
    if (was && !section.hidden)
      document.getElementById('results-title')?.focus({ preventScroll: true });
  });
  store.watch(['report', 'run', 'alpha'], ({ report, run, alpha }) => {
    if (!report) return;
    const shown = { report, run, alpha };
    replace(bar, tabs(shown), h('div', { class: 'actions' }, toSeveral(shown), alphaPicker(shown)));
    replace(top, report.runs[run] ? head(shown) : 'This report holds no run.');
  });
  return section;
}
