// Curves over ranks that double: observed in full, by chance dashed in the same colour.
import * as Plot from '@observablehq/plot';
import { COLOURS, FRAME, logTicks, nines, tick } from './curves.js';

/**
 * `series`: [{ name, observed, chance }], a value at each of `places`; null is a gap. `text(name,
 * place, observed, chance)` is the tooltip. `hollow(i)`: whether the point at place i is not to be
 * relied on. `zero`: whether a linear scale begins at 0; `nearOne`: whether the values are shares
 * on a log scale of what they lack to 1.
 */
export function along({
  label,
  x,
  y,
  places,
  series,
  log = false,
  percent = false,
  nearOne = false,
  zero = true,
  text,
  hollow = () => false,
}) {
  const shown = (value) => value !== null && value !== undefined && (!log || value > 0);
  const points = series.flatMap(({ name, observed, chance }) =>
    places.map((place, i) => ({
      name,
      place,
      observed: observed[i],
      chance: chance?.[i] ?? null,
      hollow: hollow(i),
    })),
  );
  const values = points.flatMap(({ observed, chance }) => [observed, chance]).filter(shown);
  const near = nearOne && nines(values);
  const height = (side) => (point) =>
    !shown(point[side]) ? NaN : near ? near.place(point[side]) : point[side];
  const curve = (side, options) =>
    Plot.line(points, { x: 'place', y: height(side), z: 'name', stroke: 'name', ...options });
  const dots = points.filter(({ observed }) => shown(observed));
  const title = ({ name, place, observed, chance }) => text(name, place, observed, chance);
  return Plot.plot({
    ...FRAME,
    ariaLabel: label,
    ...(near && { marginLeft: 64 }),
    x: { type: 'point', domain: places, label: x, tickSize: 3, padding: 0.3 },
    y: {
      type: log ? 'log' : 'linear',
      label: y,
      percent,
      tickSize: 3,
      grid: true,
      tickFormat: tick,
      nice: !log && !near,
      zero: zero && !log && !near,
      ticks: log ? logTicks(values.map((value) => (percent ? 100 * value : value))) : 4,
      ...(near && { percent: false, ...near.scale }),
    },
    color: { domain: series.map(({ name }) => name), range: COLOURS, legend: false },
    marks: [
      curve('chance', { strokeDasharray: '4 3', strokeWidth: 1.2 }),
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
}
