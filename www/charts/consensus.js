// In how many runs a weight changed: observed beside what independent runs would give.
import * as Plot from '@observablehq/plot';
import { percent } from '../report/format.js';
import { FRAME, fitted } from './fitted.js';
import { tickFormat } from './ticks.js';

/** @import { ConsensusRow } from '../report/overlaps.js' */

/** @type {['observed' | 'chance', string][]} */
const SIDES = [
  ['observed', 'var(--series-1)'],
  ['chance', 'var(--band)'],
];
/** Wider groups have room for the share above each bar. */
const MOST_LABELLED = 4;

/**
 * Short enough to stand beside its neighbour; the table has the digits.
 * @param {number} share
 */
const roundCoarsely = (share) =>
  share > 0 && share < 0.001 ? '<0.1' : share === 0 ? '0' : (share * 100).toFixed(1);

/** Names of the bars for a key in HTML. */
export const CONSENSUS_KEY = [
  { name: 'observed', colour: 'var(--series-1)', mark: 'full' },
  { name: 'independent runs', colour: 'var(--quiet)', mark: 'outlined' },
];

/**
 * @param {ConsensusRow[]} rows
 * @param {string} title
 */
export function consensusBars(rows, title) {
  const bars = rows
    .flatMap((row) => SIDES.map(([side]) => ({ runs: row.runs, side, share: row[side] })))
    .flatMap(({ share, ...bar }) => (share === null ? [] : [{ ...bar, share }]));
  const description = rows
    .map(
      ({ runs, observed, chance }) =>
        `${runs}: ${percent(observed)}, independent ${percent(chance)}`,
    )
    .join('; ');
  /** @param {number} width */
  const draw = (width) => {
    const svg = Plot.plot({
      ...FRAME,
      width,
      height: 230,
      marginBottom: 44,
      ariaLabel: `${title}: share of weights changed in exactly so many runs. ${description}`,
      fx: {
        domain: rows.map(({ runs }) => runs),
        label: null,
        axis: 'bottom',
        padding: 0.16,
        tickSize: 0,
      },
      x: { domain: SIDES.map(([side]) => side), axis: null, padding: 0.06 },
      y: {
        percent: true,
        label: 'weights, %',
        tickSize: 3,
        ticks: 4,
        grid: true,
        zero: true,
        nice: true,
        tickFormat: tickFormat(),
      },
      color: { domain: SIDES.map(([side]) => side), range: SIDES.map(([, colour]) => colour) },
      marks: [
        Plot.barY(bars, {
          fx: 'runs',
          x: 'side',
          y: 'share',
          fill: 'side',
          stroke: ({ side }) => (side === 'chance' ? 'var(--quiet)' : 'none'),
          strokeDasharray: '3 2',
          insetLeft: 0.5,
          insetRight: 0.5,
          title: ({ runs, side, share }) =>
            `changed in exactly ${runs} runs, ` +
            `${side === 'chance' ? 'independent runs' : 'observed'}: ${percent(share)}`,
        }),
        rows.length <= MOST_LABELLED + 1
          ? Plot.text(bars, {
              fx: 'runs',
              x: 'side',
              y: 'share',
              dy: -7,
              fontSize: 12,
              text: ({ share }) => roundCoarsely(share),
              stroke: 'var(--panel)',
              strokeWidth: 3,
              fill: 'var(--text)',
            })
          : null,
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
        Plot.text(['runs in which a weight changed'], {
          frameAnchor: 'bottom',
          dy: 34,
          facet: 'super',
        }),
      ],
    });
    svg.setAttribute('role', 'img');
    return svg;
  };
  return fitted(draw, (drawing) => {
    const scale = drawing.scale('fx');
    return rows.map(({ runs, observed, chance }) => ({
      x: scale?.apply(runs) + (scale?.bandwidth ?? 0) / 2,
      lines: [
        `changed in exactly ${runs} runs`,
        `observed: ${percent(observed)}`,
        `independent runs: ${percent(chance)}`,
      ],
      dots: [],
    }));
  });
}
