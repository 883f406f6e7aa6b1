// Energy of an update by kind of module, over the share of the weights.
import { s } from '../dom/svg.js';
import { drawing } from './drawing.js';
import { makeActive, placeButton } from './energy-places.js';
import { ratioAxis, ratioTick } from './log-axis.js';
import { addedHeight, runDots } from './run-dots.js';

/** @import { Place, RunValues } from './energy-places.js' */

const HEADER = 22;
const NAME = 78;

/**
 * @param {object} chart
 * @param {Place[]} chart.places
 * @param {RunValues[]} chart.runs Ratios.
 * @param {number} chart.width
 * @param {string} chart.label
 * @param {(place: Place) => void} chart.onchoose
 */
export function moduleChart({ places, runs, width, label, onchoose }) {
  const added = addedHeight(runs.length);
  const row = 31 + added;
  const height = HEADER + places.length * row + 4;
  const [left, right] = [NAME, width - 4];
  const axis = ratioAxis(
    runs.flatMap(({ values }) => values.flatMap((value) => value ?? [])),
    left + 10,
    right - 10,
  );
  const lineOf = (/** @type {number} */ i) => HEADER + i * row + 23 + added;
  const parts = places.map((place, i) => {
    const top = HEADER + i * row;
    return placeButton(
      place,
      s('rect', {
        class: 'energy-hit',
        'data-not-exported': '',
        x: 0.5,
        y: top + 0.5,
        width: width - 1,
        height: row - 1,
        rx: 4,
      }),
      s(
        'text',
        { class: 'energy-label', x: 6, y: lineOf(i), 'dominant-baseline': 'central' },
        place.label,
      ),
    );
  });
  const chart = drawing(
    { class: 'energy-chart', width, height, label },
    axis.ticks.map((tick) => [
      s('line', {
        class: tick === 1 ? 'energy-even' : 'energy-tick',
        x1: axis.place(tick),
        x2: axis.place(tick),
        y1: HEADER - 4,
        y2: height - 4,
      }),
      s(
        'text',
        { class: 'energy-scale', x: axis.place(tick), y: 13, 'text-anchor': 'middle' },
        tick === 1 ? '1× its size' : ratioTick(tick),
      ),
    ]),
    parts,
    s(
      'g',
      { class: 'energy-marks', 'aria-hidden': 'true' },
      places.map((_, i) => [
        s('line', { class: 'dot-line', x1: left, x2: right, y1: lineOf(i), y2: lineOf(i) }),
        runDots({
          dots: runs.flatMap(({ run, values }) => {
            const value = values[i];
            return value === null
              ? []
              : [{ run, x: axis.place(value), beyond: axis.beyond(value) }];
          }),
          y: lineOf(i),
          left,
          right,
        }),
      ]),
    ),
  );
  return makeActive(chart, parts, places, onchoose);
}
