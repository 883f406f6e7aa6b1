// One value among those that were reported elsewhere: ranges, not a verdict.
import * as Plot from '@observablehq/plot';
import { percent } from '../report/format.js';

/**
 * @param {number | null | undefined} value
 * @param {Record<string, number[]>} reported Shares by kind of training.
 */
export function strip(value, reported) {
  const rows = Object.entries(reported).flatMap(([kind, values]) =>
    values.map((share) => ({ kind, share })),
  );
  const ranges = Object.entries(reported).map(([kind, values]) => ({
    kind,
    low: Math.min(...values),
    high: Math.max(...values),
  }));
  const words = ranges
    .map(({ kind, low, high }) => `${kind} ${percent(low)} to ${percent(high)}`)
    .join(', ');
  return Plot.plot({
    width: 280,
    height: 74,
    marginLeft: 40,
    marginRight: 12,
    marginTop: 6,
    marginBottom: 22,
    className: 'plot',
    ariaLabel: `${percent(value)} beside the reported ranges: ${words}`,
    x: {
      domain: [0, 1],
      tickFormat: (share) => `${share * 100}`,
      ticks: 5,
      label: null,
      tickSize: 3,
    },
    y: { type: 'band', domain: Object.keys(reported), label: null, tickSize: 0, padding: 0.35 },
    marks: [
      Plot.barX(ranges, {
        x1: 'low',
        x2: 'high',
        y: 'kind',
        fill: 'var(--band)',
        title: ({ kind, low, high }) =>
          `reported range ${kind}: ${percent(low)} to ${percent(high)}`,
      }),
      Plot.tickX(rows, { x: 'share', y: 'kind', stroke: 'var(--quiet)' }),
      value === null || value === undefined
        ? null
        : Plot.ruleX([value], { stroke: 'var(--accent)', strokeWidth: 2.5 }),
    ],
  });
}
