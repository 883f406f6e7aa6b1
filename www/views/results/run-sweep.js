// How the figures of a whole run depend on k, which no two papers choose alike.
import { along } from '../../charts/along.js';
import { fold, h, replace } from '../../dom/elements.js';
import { afterReport } from '../../dom/redraw.js';
import { counted, degrees } from '../../report/format.js';
import { extremes } from '../../report/means.js';
import { sweepOfRun } from '../../report/run-sweep.js';
import { reportedFor, ifReported, findComparison } from '../../report/comparison.js';
import { store } from '../../app/state.js';
import {
  nss,
  offPrincipal,
  principalMask,
  rotationSeries,
  subspacesTable,
  tooltips,
} from '../detail/sweep.js';
import { figure } from '../parts/figure.js';

/** @import { Report } from '../../report/model.js' */
/** @import { ReportedText } from '../../report/comparison.js' */
/** @import { Point } from '../detail/sweep.js' */

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
        `${ifReported(reported.rotation, (known) => `Reported for one layer: ${known}. `)}` +
        (series[0].chance
          ? 'Dashed: means of the matrices’ chance levels, random updates of the same norm, ' +
            'first order.'
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
      ? `${counted(to, 'matrix', 'matrices')} at each rank`
      : `${from} to ${to} matrices at each rank, those that have it: the cards above take every ` +
        'matrix, at its own rank where that is below k';
  return [
    h(
      'p',
      { class: 'about' },
      `Means over ${matrices}; masks from summed counts. Figures at different k do not compare.`,
    ),
    h(
      'div',
      { class: 'charts' },
      [
        offPrincipal({ sweep }),
        nss({ sweep }),
        rotation(sweep, reportedFor(findComparison(report, run))),
        masks,
      ].filter(Boolean),
    ),
    fold(
      'run against k',
      'As a table',
      subspacesTable('Figures of the run against k', sweep, 'Matrices', (point) =>
        String(point.matrices),
      ),
    ),
  ];
}

export function runSweepView() {
  const body = h('div', {});
  const section = h(
    'section',
    { class: 'block', id: 'run-sweep', 'aria-labelledby': 'run-sweep-title', hidden: true },
    h('h3', { id: 'run-sweep-title' }, 'The run against k'),
    body,
  );
  store.watch(
    ['report', 'run', 'alpha'],
    afterReport(({ report, run, alpha }) => {
      const all = report?.runs[run] ? content(report, run, alpha) : [];
      section.hidden = !all.length;
      replace(body, all);
    }),
  );
  return section;
}
