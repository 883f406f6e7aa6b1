// Curves over ranks that double: observed in full, random levels dashed in the same colour.
import * as Plot from '@observablehq/plot';
import { s } from '../dom/svg.js';
import { runColour } from '../report/run-colours.js';
import { FRAME, fitted } from './fitted.js';
import { RADIUS, letterOf } from './run-dots.js';
import { COLOURS, DASHED } from './series.js';
import { spreadOut } from './spread-out.js';
import { logTicks, tickFormat } from './ticks.js';

/** @import { Maybe } from '../report/format.js' */
/** @import { Drawing } from './fitted.js' */

/**
 * A curve: a value at each place; null is a gap. That of a run, told by its place in the report,
 * has the run's colour, and its letter behind the last value.
 * @typedef {{ name: string, observed: Maybe[], chance?: Maybe[], run?: number }} AlongSeries
 */

/** Levels that differ by less than this part are one line. */
const SAME = 1e-6;

/**
 * Whether all curves have one random level, which then is drawn once.
 * @param {AlongSeries[]} series
 */
function shareLevel([first, ...others]) {
  return (
    others.length > 0 &&
    first.chance !== undefined &&
    others.every(({ chance }) =>
      chance?.every((level, i) => {
        const own = first.chance?.[i];
        return typeof level === 'number' && typeof own === 'number'
          ? Math.abs(level - own) <= SAME * Math.abs(own)
          : level === own;
      }),
    )
  );
}

/** The colour of a level that all curves share. */
const LEVEL = 'var(--quiet)';
/** Right of the curves, where their letters stand. */
const LETTERS = 34;

/**
 * Letters behind the ends of the curves of runs.
 * @param {Drawing} drawing
 * @param {{ run: number, place: unknown, value: number }[]} ends
 */
function addLetters(drawing, ends) {
  const [x, y] = [drawing.scale('x'), drawing.scale('y')];
  const heights = spreadOut(
    ends.map(({ value }) => y?.apply(value)),
    2 * RADIUS + 1,
    RADIUS,
    FRAME.height - FRAME.marginBottom,
  );
  const group = s(
    'g',
    { 'aria-hidden': 'true' },
    ends.map(({ run, place, value }, i) => {
      const at = x?.apply(place);
      const middle = Math.max(at, drawing.viewBox.baseVal.width - LETTERS) + 20;
      return [
        s('line', {
          class: 'dot-leader',
          x1: at,
          y1: y?.apply(value),
          x2: middle - RADIUS,
          y2: heights[i],
          stroke: runColour(run),
        }),
        letterOf(run, middle, heights[i]),
      ];
    }),
  );
  drawing.append(group);
}

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
  const colours = series.map(({ run }, i) => (run === undefined ? COLOURS[i] : runColour(run)));
  const oneLevel = shareLevel(series);
  const unit = percent ? 100 : 1;
  const ends = series.flatMap(({ run, observed }) => {
    const last = observed.findLastIndex(isShown);
    return run === undefined || last < 0
      ? []
      : [{ run, place: places[last], value: unit * Number(observed[last]) }];
  });
  /** @param {number} width */
  function draw(width) {
    const drawing = Plot.plot({
      ...FRAME,
      width,
      marginRight: ends.length ? LETTERS : FRAME.marginRight,
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
      color: { domain: series.map(({ name }) => name), range: colours, legend: false },
      marks: [
        curve('chance', {
          strokeDasharray: DASHED,
          strokeWidth: 1.2,
          ...(oneLevel && { filter: ({ name }) => name === series[0].name, stroke: LEVEL }),
        }),
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
    if (ends.length) addLetters(/** @type {Drawing} */ (drawing), ends);
    return drawing;
  }
  const colourOf = new Map(series.map(({ name }, i) => [name, colours[i]]));
  return fitted(draw, (drawing) =>
    places.map((at) => ({
      x: drawing.scale('x')?.apply(at),
      lines: [`${x}: ${at}`, ...points.filter(({ place }) => place === at).map(title)],
      dots: dots
        .filter(({ place }) => place === at)
        .map((point) => ({
          y: drawing.scale('y')?.apply(unit * height('observed')(point)),
          colour: colourOf.get(point.name) ?? 'var(--text)',
        })),
    })),
  );
}
