// Shares of an update's energy by layer, a line for each run.
import { s } from '../dom/svg.js';
import { drawing } from './drawing.js';
import { runColour } from '../report/run-colours.js';
import { makeActive, placeButton } from './energy-places.js';
import { letterOf, markOf } from './run-dots.js';
import { spreadOut } from './spread-out.js';

/** @import { Place, RunValues } from './energy-places.js' */

const TOP = 10;
const BOTTOM = 26;
const LEFT = 40;
const RIGHT = 22;
/** Between the layers and what stands outside them: letters stand there. */
const GAP = 28;
/** Columns of what stands outside the layers: no narrower than their upright labels. */
const ASIDE = [17, 28];
/** From one label to the next: two digits of 12 px and air. */
const LABEL = 22;
/** A word of what stands outside, turned upright. */
const UPRIGHT = 86;

/**
 * A round upper end, and what is marked on the way.
 * @param {number} most A share.
 */
export function shareTicks(most) {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5].find((one) => most <= 2.5 * one) ?? 0.5;
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toFixed(4)));
}

/**
 * @param {object} chart
 * @param {Place[]} chart.places Layers in order, then what stands outside them.
 * @param {RunValues[]} chart.runs
 * @param {number} chart.width
 * @param {number} [chart.height]
 * @param {string} chart.label
 * @param {(place: Place) => void} chart.onchoose
 */
export function layerChart({ places, runs, width, height: wanted = 190, label, onchoose }) {
  const inside = places.filter(({ apart }) => !apart).length;
  const outside = places.length - inside;
  const bottom = outside ? UPRIGHT : BOTTOM;
  const height = Math.max(wanted, 190 + bottom - BOTTOM);
  const gap = inside && outside ? GAP : 0;
  const room = width - LEFT - RIGHT - gap;
  const aside = inside
    ? Math.max(ASIDE[0], Math.min(ASIDE[1], room / places.length))
    : room / outside;
  const step = inside ? (room - outside * aside) / inside : aside;
  const wide = (/** @type {number} */ i) => (places[i].apart ? aside : step);
  const x = (/** @type {number} */ i) =>
    places[i].apart
      ? LEFT + step * inside + gap + aside * (i - inside + 0.5)
      : LEFT + step * (i + 0.5);
  const values = runs.flatMap((run) => run.values.flatMap((value) => value ?? []));
  const ticks = shareTicks(Math.max(0.01, ...values));
  const most = ticks.at(-1) ?? 1;
  const y = (/** @type {number} */ share) =>
    height - bottom - ((height - bottom - TOP) * share) / most;
  const every = Math.max(1, Math.ceil(LABEL / step));
  const parts = places.map((place, i) =>
    placeButton(
      place,
      s('rect', {
        class: 'energy-hit',
        'data-not-exported': '',
        x: x(i) - wide(i) / 2,
        y: TOP - 6,
        width: wide(i),
        height: height - TOP + 4,
        rx: 3,
      }),
      place.apart
        ? s(
            'text',
            {
              class: 'energy-scale',
              transform: `translate(${x(i)} ${height - bottom + 6}) rotate(-90)`,
              'text-anchor': 'end',
              'dominant-baseline': 'central',
            },
            place.label,
          )
        : i % every === 0 &&
            s(
              'text',
              { class: 'energy-scale', x: x(i), y: height - bottom + 17, 'text-anchor': 'middle' },
              place.label,
            ),
    ),
  );
  const chart = drawing(
    { class: 'energy-chart', width, height, label },
    ticks.map((tick) => [
      s('line', { class: 'energy-tick', x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
      s(
        'text',
        {
          class: 'energy-scale',
          x: LEFT - 6,
          y: y(tick),
          'text-anchor': 'end',
          'dominant-baseline': 'central',
        },
        `${Number((tick * 100).toFixed(2))}\u00a0%`,
      ),
    ]),
    inside > 0 &&
      s(
        'text',
        { class: 'energy-scale', x: LEFT - 6, y: height - bottom + 17, 'text-anchor': 'end' },
        'layer',
      ),
    parts,
    s('g', { class: 'energy-marks', 'aria-hidden': 'true' }, drawLines(runs, places, x, y, step)),
    drawLetters(runs, inside || places.length, x, y, height - bottom),
  );
  return makeActive(chart, parts, places, onchoose);
}

/**
 * Layers are joined; what stands outside them has points alone.
 * @param {RunValues[]} runs
 * @param {Place[]} places
 * @param {(i: number) => number} x
 * @param {(share: number) => number} y
 * @param {number} step
 */
function drawLines(runs, places, x, y, step) {
  const radius = Math.max(1.5, Math.min(3.5, step / 4));
  return runs.map(({ run, values }, n) => {
    // Points of runs that stand at one height stay apart.
    const shift = (n - (runs.length - 1) / 2) * Math.min(3, step / (2 * runs.length));
    const known = values.flatMap((value, i) =>
      value === null
        ? []
        : [{ i, at: `${(x(i) + shift).toFixed(1)} ${y(value).toFixed(1)}`, value }],
    );
    const joined = known.filter(({ i }) => !places[i].apart);
    return [
      joined.length > 1 &&
        s('path', {
          d: joined
            .map(
              ({ i, at }, place) => `${place && joined[place - 1].i === i - 1 ? 'L' : 'M'} ${at}`,
            )
            .join(' '),
          fill: 'none',
          stroke: runColour(run),
          'stroke-width': 1.6,
        }),
      known.map(({ i, value }) => markOf(run, x(i) + shift, y(value), radius)),
    ];
  });
}

/**
 * Letters behind the ends of the lines.
 * @param {RunValues[]} runs
 * @param {number} count Of layers.
 * @param {(i: number) => number} x
 * @param {(share: number) => number} y
 * @param {number} floor
 */
function drawLetters(runs, count, x, y, floor) {
  const ends = runs.flatMap(({ run, values }) => {
    const last = values.slice(0, count).findLastIndex((value) => value !== null);
    return last < 0 ? [] : [{ run, x: x(last), y: y(Number(values[last])) }];
  });
  const heights = spreadOut(
    ends.map((end) => end.y),
    17,
    TOP,
    floor,
  );
  return ends.map((end, i) => letterOf(end.run, end.x + 13, heights[i]));
}
