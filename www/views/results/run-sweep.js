// How the figures of a whole run depend on k, which no two papers choose alike.
import { along } from '../../charts/along.js';
import { fold, h, replace } from '../../dom/elements.js';
import { afterReport } from '../../dom/redraw.js';
import { counted, degrees } from '../../report/format.js';
import { sweepOfRun } from '../../report/run-sweep.js';
import { reportedFor, ifReported, spanOf } from '../../report/span.js';
import { store } from '../../app/state.js';
import { levels, nss, offPrincipal, principalMask, said, subspacesTable } from '../detail/sweep.js';
import { figure } from '../parts/figure.js';

function rotation(sweep, reported) {
  const series = [
    ['largest', 'rotation_max'],
    ['median', 'rotation_median'],
  ].map(([name, field]) => ({
    name,
    observed: sweep.map((one) => one[field]),
    chance: levels(sweep.map(({ chance }) => chance[field])),
  }));
  const label = 'Rotation against k';
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'degrees',
      places: sweep.map(({ k }) => k),
      series,
      text: said(degrees),
    }),
    {
      series,
      beside:
        `Means over matrices of the largest angle, where it is resolved, and of the median. ${ifReported(reported.rotation, (known) => `Reported for one layer: ${known}. `)}` +
        `${series[0].chance ? 'Dashed: means of the matrices’ chance levels, random updates of the same norm, first order.' : ''}`,
    },
  );
}

function content(report, run, alpha) {
  const sweep = sweepOfRun(report.runs[run], alpha);
  if (!sweep.length) return [];
  const [from, to] = [Math.min, Math.max].map((end) =>
    end(...sweep.map(({ matrices }) => matrices)),
  );
  const masks =
    sweep.every(({ principal }) => principal) &&
    principalMask({ alpha: report.settings.alphas[alpha], sweep });
  return [
    h(
      'p',
      { class: 'about' },
      `Means over ${from === to ? counted(to, 'matrix', 'matrices') : `${from} to ${to} matrices`} at each rank${from === to ? '' : ', those that have it: the cards above take every matrix, at its own rank where that is below k'}; masks from summed counts. Figures at different k do not compare.`,
    ),
    h(
      'div',
      { class: 'charts' },
      [
        offPrincipal({ sweep }),
        nss({ sweep }),
        rotation(sweep, reportedFor(spanOf(report, run))),
        masks,
      ].filter(Boolean),
    ),
    fold(
      'run against k',
      'As a table',
      subspacesTable('Figures of the run against k', sweep, 'Matrices', ({ matrices }) =>
        String(matrices),
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
