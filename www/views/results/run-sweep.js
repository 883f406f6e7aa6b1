// How the values of whole runs depend on k, which no two papers choose alike: a curve for each run
// that is shown.
import { along } from '../../charts/along.js';
import { fold, h, replace } from '../../dom/elements.js';
import { areSteps, findComparison } from '../../report/comparison.js';
import { counted, degrees, number, percent, times } from '../../report/format.js';
import { extremes } from '../../report/means.js';
import { ifReported, reportedFor } from '../../report/reported-for.js';
import { runLetter } from '../../report/run-colours.js';
import { nameRun } from '../../report/run-names.js';
import { sweepOfRun } from '../../report/run-sweep.js';
import { runKey } from '../../panels/parts.js';
import { lackOf, levelsIfAny, subspacesTable } from '../detail/sweep.js';
import { RANDOM_KEY } from '../../charts/series.js';
import { figure } from '../parts/figure.js';

/** @import { Report } from '../../report/model.js' */
/** @import { Format, Maybe } from '../../report/format.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/** @typedef {ReturnType<typeof sweepOfRun>[number]} RunPoint */

/**
 * A value of a run at each k.
 * @typedef {object} Curve
 * @property {string} title
 * @property {string} y
 * @property {Format} format
 * @property {(point: RunPoint) => Maybe} value
 * @property {(point: RunPoint) => Maybe} random
 * @property {string} beside
 * @property {boolean} [log]
 * @property {boolean} [percent]
 * @property {boolean} [zero]
 */

/** @typedef {{ run: number, name: string, sweep: RunPoint[] }} Swept */

/**
 * @param {string} published
 * @param {number} share The α of the masks.
 * @returns {Curve[]}
 */
const curvesOf = (published, share) => [
  {
    title: 'Principal energy against k',
    y: 'share of ‖Δ‖², %',
    format: percent,
    value: (point) => lackOf(point.off_principal_share),
    random: ({ chance }) => lackOf(chance.both),
    log: true,
    percent: true,
    beside:
      'Above the dashed line, the update holds more of the principal subspaces than a random ' +
      'one, at whichever k.',
  },
  {
    title: 'NSS of the top k against k',
    y: 'NSS of the top k',
    format: number,
    value: (point) => point.nss_top_k,
    random: ({ chance }) => chance.nss_top_k,
    log: true,
    beside:
      'Above the dashed line, the leading singular values moved more than by the update’s size ' +
      'alone. The random level is of first order.',
  },
  {
    title: 'Median rotation against k',
    y: 'degrees',
    format: degrees,
    value: (point) => point.rotation_median,
    random: ({ chance }) => chance.rotation_median,
    log: true,
    beside: 'Means over matrices of the median angle. The random level is of first order.',
  },
  {
    title: 'Largest rotation against k',
    y: 'degrees',
    format: degrees,
    value: (point) => point.rotation_max,
    random: ({ chance }) => chance.rotation_max,
    log: true,
    beside:
      'Means over matrices of the largest angle, where it is resolved. The random level is of ' +
      `first order.${published}`,
  },
  {
    title: `Principal mask against k, α\u00a0=\u00a0${share}`,
    y: 'share of the changed weights, %',
    format: percent,
    value: ({ principal }) => principal?.overlap,
    random: ({ principal }) => principal?.chance,
    percent: true,
    zero: false,
    beside:
      'Below the dashed line, the update avoids the principal weights of that rank. ' +
      'Of the changed ' +
      `weights, those in the top α = ${share} of the entries of W0’s rank-k part; random is the ` +
      'density of the mask.',
  },
];

/** @param {number[][]} lists */
const unite = (lists) => [...new Set(lists.flat())].sort((a, b) => a - b);

/**
 * One value of all runs; nothing where no run has it.
 * @param {Curve} curve
 * @param {Swept[]} runs
 */
function drawCurve({ title, y, format, value, random, beside, ...look }, runs) {
  const places = unite(runs.map(({ sweep }) => sweep.map(({ k }) => k)));
  const series = runs.map(({ run, name, sweep }) => {
    /** @param {(point: RunPoint) => Maybe} pick */
    const read = (pick) =>
      places.map((k) => {
        const point = sweep.find((one) => one.k === k);
        return point ? (pick(point) ?? null) : null;
      });
    return {
      run,
      name: `${runLetter(run)} ${name}`,
      observed: read(value),
      chance: levelsIfAny(read(random)),
    };
  });
  if (series.every(({ observed }) => observed.every((one) => one === null))) return null;
  return figure(
    title,
    along({
      label: title,
      x: 'k',
      y,
      places,
      series,
      ...look,
      text: (name, k, one, level) =>
        `k = ${k}, ${name}: ${format(one)}` +
        (typeof one === 'number' && level
          ? `, ${times(one / level)} random (${format(level)})`
          : ''),
    }),
    {
      swatches: series.some(({ chance }) => chance) ? [RANDOM_KEY] : [],
      beside,
    },
  );
}

/** @param {Swept[]} runs */
function describeMatrices(runs) {
  const [from, to] = extremes(runs.flatMap(({ sweep }) => sweep.map(({ matrices }) => matrices)));
  return from === to
    ? `${counted(to, 'matrix', 'matrices')} at each k`
    : `${from} to ${to} matrices at each k, those that have such a rank`;
}

/** @param {State} state */
function content({ report, runs: places, alpha }) {
  if (!report) return [];
  const runs = places.flatMap((run) => {
    const sweep = report.runs[run] ? sweepOfRun(report.runs[run], alpha) : [];
    return sweep.length ? [{ run, name: nameRun(report, run), sweep }] : [];
  });
  if (!runs.length) return [];
  const reported = areSteps(report) ? {} : reportedFor(findComparison(report, runs[0].run));
  const published = ifReported(reported.rotation, (known) => ` Published for one layer: ${known}.`);
  return [
    h(
      'p',
      { class: 'about' },
      `Mean over ${describeMatrices(runs)}; compare only values at the same k. Masks are of ` +
        'summed counts. All but masks are on a log scale. ',
      runKey(runs),
    ),
    h(
      'div',
      { class: 'charts' },
      curvesOf(published, report.settings.alphas[alpha])
        .map((curve) => drawCurve(curve, runs))
        .filter(Boolean),
    ),
    fold(
      'run against k',
      'As tables',
      runs.map(({ run, name, sweep }) =>
        subspacesTable(
          `Values of ${runLetter(run)} ${name} against k`,
          sweep,
          'Matrices',
          ({ matrices }) => String(matrices),
        ),
      ),
    ),
  ];
}

/** @returns {Part} */
export function runSweepPart() {
  const element = h('section', {
    class: 'block',
    id: 'run-sweep',
    'aria-labelledby': 'run-sweep-title',
  });
  /** @param {State} state */
  function draw(state) {
    const all = content(state);
    element.hidden = !all.length;
    replace(
      element,
      h('h3', { id: 'run-sweep-title' }, 'At every k up to that of the report'),
      all,
    );
  }
  return { element, keys: ['report', 'runs', 'alpha'], draw };
}
