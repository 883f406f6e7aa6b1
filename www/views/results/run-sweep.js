// How the values of a whole run depend on k, which no two papers choose alike.
import { along } from '../../charts/along.js';
import { fold, h, replace } from '../../dom/elements.js';
import { counted, degrees } from '../../report/format.js';
import { extremes } from '../../report/means.js';
import { sweepOfRun } from '../../report/run-sweep.js';
import { findComparison } from '../../report/comparison.js';
import { ifReported, reportedFor } from '../../report/reported-for.js';
import {
  nss,
  principalEnergy,
  principalMask,
  rotationSeries,
  subspacesTable,
  tooltips,
} from '../detail/sweep.js';
import { figure } from '../parts/figure.js';

/** @import { Report } from '../../report/model.js' */
/** @import { ReportedText } from '../../report/reported-for.js' */
/** @import { Point } from '../detail/sweep.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * @param {Point[]} sweep
 * @param {ReportedText} reported
 */
function rotation(sweep, reported) {
  const series = rotationSeries(sweep);
  const label = 'Rotation against k';
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'degrees',
      places: sweep.map(({ k }) => k),
      series,
      text: tooltips(degrees),
    }),
    {
      series,
      beside:
        'Means over matrices of the largest angle, where it is resolved, and of the median. ' +
        `${ifReported(reported.rotation, (known) => `Published for one layer: ${known}. `)}` +
        (series[0].chance
          ? 'Dashed: random updates of the same size, means over matrices, first order.'
          : ''),
    },
  );
}

/**
 * @param {Report} report
 * @param {number} run
 * @param {number} alpha
 */
function content(report, run, alpha) {
  const sweep = sweepOfRun(report.runs[run], alpha);
  if (!sweep.length) return [];
  const [from, to] = extremes(sweep.map((point) => point.matrices));
  const maskPoints = sweep.flatMap(({ k, principal }) => (principal ? [{ k, principal }] : []));
  const masks =
    maskPoints.length === sweep.length
      ? principalMask({ alpha: report.settings.alphas[alpha], sweep: maskPoints })
      : null;
  const matrices =
    from === to
      ? `${counted(to, 'matrix', 'matrices')} at each k`
      : `${from} to ${to} matrices at each k, those that have such a rank`;
  return [
    h(
      'p',
      { class: 'about' },
      `Mean over ${matrices}; compare only values at the same k. Masks are of summed counts.`,
    ),
    h(
      'div',
      { class: 'charts' },
      [
        principalEnergy({ sweep }),
        nss({ sweep }),
        rotation(sweep, reportedFor(findComparison(report, run))),
        masks,
      ].filter(Boolean),
    ),
    fold(
      'run against k',
      'As a table',
      subspacesTable('Values of the run against k', sweep, 'Matrices', (point) =>
        String(point.matrices),
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
  function draw({ report, run, alpha }) {
    const all = report?.runs[run] ? content(report, run, alpha) : [];
    element.hidden = !all.length;
    replace(
      element,
      h('h3', { id: 'run-sweep-title' }, 'At every k up to that of the report'),
      all,
    );
  }
  return { element, keys: ['report', 'run', 'alpha'], draw };
}
