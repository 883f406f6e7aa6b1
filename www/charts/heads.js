// A figure of each attention head, beside what heads that are alike would have.
import * as Plot from '@observablehq/plot';
import { FRAME, tick } from './curves.js';

/** More heads than this do not all have their number below. */
const MOST_NUMBERED = 16;

/**
 * `values` may be null; `level` is what heads that are alike would have, `band` [low, high] around
 * it, `chance` a level for each head. `text(head)` is said of it in the tooltip. `labels` name the
 * heads where their number does not.
 */
export function headBars({
  label,
  y,
  values,
  level,
  band = null,
  chance = [],
  percent = false,
  labels = [],
  text,
}) {
  const named = (head) => labels[head] ?? String(head);
  const bars = values.map((value, head) => ({ head, value })).filter(({ value }) => value !== null);
  const strokes = chance.map((one, head) => ({ head, one })).filter(({ one }) => one !== null);
  const step = Math.ceil(values.length / MOST_NUMBERED);
  return Plot.plot({
    ...FRAME,
    ariaLabel: label,
    x: {
      type: 'band',
      domain: values.map((_, head) => head),
      label: 'head',
      tickSize: 0,
      tickFormat: (head) => (head % step === 0 ? named(head) : ''),
    },
    y: {
      label: y,
      percent,
      tickSize: 3,
      ticks: 4,
      grid: true,
      tickFormat: tick,
      zero: true,
      nice: true,
    },
    marks: [
      band && Plot.rectY([{}], { y1: band[0], y2: band[1], fill: 'var(--band)' }),
      Plot.barY(bars, {
        x: 'head',
        y: 'value',
        fill: 'var(--series-1)',
        title: ({ head }) => `head ${named(head)}: ${text(head)}`,
      }),
      // On a bar, the stroke needs an edge in the colour of the ground.
      [
        ['var(--panel)', 5],
        ['var(--series-2)', 2.2],
      ].map(([stroke, strokeWidth]) =>
        Plot.tickY(strokes, { x: 'head', y: 'one', stroke, strokeWidth }),
      ),
      level !== 0 && Plot.ruleY([level], { stroke: 'var(--text)', strokeDasharray: '4 3' }),
      Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
    ]
      .flat()
      .filter(Boolean),
  });
}
