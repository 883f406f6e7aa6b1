// Curves over ranks that double: observed in full, random levels dashed in the same colour.
import * as Plot from '@observablehq/plot';
import { FRAME, fitted } from './fitted.js';
import { COLOURS, DASHED } from './series.js';
import { logTicks, tickFormat } from './ticks.js';

/** @import { Maybe } from '../report/format.js' */

/**
 * A curve: a value at each place; null is a gap.
 * @typedef {{ name: string, observed: Maybe[], chance?: Maybe[] }} AlongSeries
 */

/**
 * @template {string | number} Place
 * @param {object} chart
 * @param {string} chart.label
 * @param {string} chart.x
 * @param {string} chart.y
 * @param {Place[]} chart.places
 * @param {AlongSeries[]} chart.series
 * @param {boolean} [chart.log]
 * @param {boolean} [chart.percent]
 * @param {boolean} [chart.zero] Whether a linear scale begins at 0.
 * @param {(name: string, place: Place, observed: Maybe, chance: Maybe) => string} chart.text The
 * tooltip of a point.
 * @param {(i: number) => boolean} [chart.hollow] Whether the point at place i is not to be relied
 * on.
 */
export function along({
  label,
  x,
  y,
  places,
  series,
  log = false,
  percent = false,
  zero = true,
  text,
  hollow = () => false,
}) {
  /**
   * @param {Maybe} value
   * @returns {value is number}
   */
  const isShown = (value) => typeof value === 'number' && (!log || value > 0);
  const points = series.flatMap(({ name, observed, chance }) =>
    places.map((place, i) => ({
      name,
      place,
      observed: observed[i],
      chance: chance?.[i] ?? null,
      hollow: hollow(i),
    })),
  );
  const values = points.flatMap(({ observed, chance }) => [observed, chance]).filter(isShown);
  /** @type {(side: 'observed' | 'chance') => (point: typeof points[number]) => number} */
  const height = (side) => (point) => {
    const value = point[side];
    return isShown(value) ? value : NaN;
  };
  /** @type {(side: 'observed' | 'chance', options: Plot.LineOptions) => Plot.Line} */
  const curve = (side, options) =>
    Plot.line(points, { x: 'place', y: height(side), z: 'name', stroke: 'name', ...options });
  const dots = points.filter(({ observed }) => isShown(observed));
  /** @param {typeof points[number]} point */
  const title = ({ name, place, observed, chance }) => text(name, place, observed, chance);
  const ticks = log ? logTicks(values.map((value) => (percent ? 100 * value : value))) : null;
  /** @param {number} width */
  const draw = (width) =>
    Plot.plot({
      ...FRAME,
      width,
      ariaLabel: label,
      x: { type: 'point', domain: places, label: x, tickSize: 3, padding: 0.3 },
      y: {
        type: log ? 'log' : 'linear',
        label: y,
        percent,
        tickSize: 3,
        grid: true,
        tickFormat: tickFormat(ticks ?? undefined),
        nice: !log,
        zero: zero && !log,
        ticks: ticks ?? 4,
      },
      color: { domain: series.map(({ name }) => name), range: COLOURS, legend: false },
      marks: [
        curve('chance', { strokeDasharray: DASHED, strokeWidth: 1.2 }),
        curve('observed', { strokeWidth: 1.6 }),
        Plot.dot(
          dots.filter((point) => !point.hollow),
          { x: 'place', y: height('observed'), fill: 'name', r: 3, title },
        ),
        Plot.dot(
          dots.filter((point) => point.hollow),
          {
            x: 'place',
            y: height('observed'),
            stroke: 'name',
            fill: 'var(--panel)',
            r: 4,
            strokeWidth: 1.4,
            title,
          },
        ),
      ],
    });
  const colours = new Map(series.map(({ name }, i) => [name, COLOURS[i]]));
  return fitted(draw, (drawing) =>
    places.map((at) => ({
      x: drawing.scale('x')?.apply(at),
      lines: [`${x}: ${at}`, ...points.filter(({ place }) => place === at).map(title)],
      dots: dots
        .filter(({ place }) => place === at)
        .map((point) => ({
          y: drawing.scale('y')?.apply((percent ? 100 : 1) * height('observed')(point)),
          colour: colours.get(point.name) ?? 'var(--text)',
        })),
    })),
  );
}
