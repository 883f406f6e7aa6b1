// A value of each attention head, beside what heads that are alike would have.
import * as Plot from '@observablehq/plot';
import { FRAME, fitted } from './fitted.js';
import { tickFormat } from './ticks.js';

/** More heads than this do not all have their number below. */
const MOST_NUMBERED = 16;

/**
 * @param {object} chart
 * @param {string} chart.label
 * @param {string} chart.y
 * @param {(number | null)[]} chart.values One for each head.
 * @param {number} chart.level What heads that are alike would have.
 * @param {[number, number] | null} [chart.band] Around the level.
 * @param {(number | null)[]} [chart.chance] A level for each head.
 * @param {boolean} [chart.percent]
 * @param {string[]} [chart.labels] Name the heads where their number does not.
 * @param {(head: number) => string} chart.text The tooltip of a head.
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
  /** @param {number} head */
  const nameHead = (head) => labels[head] ?? String(head);
  const bars = values.map((value, head) => ({ head, value })).filter(({ value }) => value !== null);
  const strokes = chance
    .map((expected, head) => ({ head, expected }))
    .filter(({ expected }) => expected !== null);
  const step = Math.ceil(values.length / MOST_NUMBERED);
  /** @param {number} width */
  const draw = (width) =>
    Plot.plot({
      ...FRAME,
      width,
      ariaLabel: label,
      x: {
        type: 'band',
        domain: values.map((_, head) => head),
        label: 'head',
        tickSize: 0,
        tickFormat: (head) => (head % step === 0 ? nameHead(head) : ''),
      },
      y: {
        label: y,
        percent,
        tickSize: 3,
        ticks: 4,
        grid: true,
        tickFormat: tickFormat(),
        zero: true,
        nice: true,
      },
      marks: [
        band ? Plot.rectY([{}], { y1: band[0], y2: band[1], fill: 'var(--band)' }) : null,
        Plot.barY(bars, {
          x: 'head',
          y: 'value',
          fill: 'var(--series-1)',
          title: ({ head }) => `head ${nameHead(head)}: ${text(head)}`,
        }),
        // On a bar, the stroke needs an edge in the colour of the ground.
        [
          ['var(--panel)', 5],
          ['var(--series-2)', 2.2],
        ].map(([stroke, strokeWidth]) =>
          Plot.tickY(strokes, { x: 'head', y: 'expected', stroke, strokeWidth }),
        ),
        level === 0 ? null : Plot.ruleY([level], { stroke: 'var(--text)', strokeDasharray: '4 3' }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    });
  return fitted(draw, (drawing) => {
    const scale = drawing.scale('x');
    return bars.map(({ head }) => ({
      x: scale?.apply(head) + (scale?.bandwidth ?? 0) / 2,
      lines: [`head ${nameHead(head)}`, text(head)],
      dots: [],
    }));
  });
}
