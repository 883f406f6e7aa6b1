// The key of a heatmap's colours.
import { s } from '../dom/svg.js';
import { hatch, nameHatch } from './heat-marks.js';

/** @import { ColourScale } from '../report/colour-scale.js' */

const [SWATCH, HEIGHT, MARGIN] = [26, 14, 44];
const LETTER = 6.7;

/**
 * The part of a scale around a middle that its key shows: the side on which all values lie.
 * @param {ColourScale} scale
 */
const sideOf = ({ kind, least, most, equal, partOf }) => ({
  from: kind !== 'plain' && equal === null && partOf(least) >= 0.5 ? 0.5 : 0,
  to: kind !== 'plain' && equal === null && partOf(most) <= 0.5 ? 0.5 : 1,
});

/**
 * The marks of the scale, in words: its ends, and its middle where it has one.
 * @param {ColourScale} scale
 * @param {(value: number) => string} write
 * @param {string} middle
 * @returns {{ at: number, text: string }[]} `at` is a part of the scale's length.
 */
export function legendMarks(scale, write, middle) {
  const { kind, low, high, below, above, equal, count } = scale;
  if (!count) return [];
  if (equal !== null && count > 1) return [{ at: 0.5, text: `all equal: ${write(equal)}` }];
  if (equal !== null && kind === 'plain') return [{ at: 0.5, text: write(equal) }];
  const { from, to } = sideOf(scale);
  return [
    { at: 0, text: `${below ? '≤ ' : ''}${write(low)}` },
    ...(kind === 'plain' ? [] : [{ at: 0.5, text: middle }]),
    { at: 1, text: `${above ? '≥ ' : ''}${write(high)}` },
  ].filter(({ at }) => at >= from && at <= to);
}

/**
 * Null where no cell has a value.
 * @param {object} legend
 * @param {ColourScale} legend.scale
 * @param {'div' | 'seq'} legend.map
 * @param {string} legend.title
 * @param {(value: number) => string} legend.write
 * @param {string} legend.middle
 * @param {boolean} legend.hasNone Whether some cell has no value.
 */
export function heatLegend({ scale, map, title, write, middle, hasNone }) {
  const marks = legendMarks(scale, write, middle);
  if (!marks.length) return null;
  const isOne = marks.length === 1;
  const { from, to } = sideOf(scale);
  const isShown = (/** @type {number} */ step) =>
    step > from * scale.steps && step - 1 < to * scale.steps;
  // Where all values are equal, the one colour that cells have.
  const steps =
    isOne && scale.equal !== null
      ? [scale.stepOf(scale.equal)]
      : Array.from({ length: scale.steps }, (_, i) => i + 1).filter(isShown);
  const length = steps.length * SWATCH;
  const margin = isOne ? 0 : Math.max(MARGIN, marks[0].text.length * LETTER * 0.5);
  const id = nameHatch();
  const end = margin + length + (isOne ? marks[0].text.length * LETTER + 10 : margin);
  const width = Math.max(end + (hasNone ? 92 : 0), title.length * LETTER + 4);
  return s(
    'svg',
    {
      class: 'heat-legend',
      width,
      height: isOne ? 40 : 56,
      viewBox: `0 0 ${width} ${isOne ? 40 : 56}`,
      role: 'img',
      'aria-label': `${title}: ${marks.map(({ text }) => text).join(', ')}`,
    },
    hatch(id),
    s('text', { x: 0, y: 12 }, title),
    steps.map((step, i) =>
      s('rect', {
        x: margin + i * SWATCH,
        y: 20,
        width: SWATCH,
        height: HEIGHT,
        fill: `var(--${map}-${step})`,
        class: 'heat-swatch',
      }),
    ),
    isOne
      ? s('text', { x: length + 8, y: 32 }, marks[0].text)
      : marks.map(({ at, text }) =>
          s(
            'text',
            {
              x: margin + (at * scale.steps - steps[0] + 1) * SWATCH,
              y: 20 + HEIGHT + 15,
              'text-anchor': 'middle',
            },
            text,
          ),
        ),
    hasNone && [
      s('rect', { x: end, y: 20, width: SWATCH, height: HEIGHT, fill: `url(#${id})` }),
      s('text', { x: end + SWATCH + 6, y: 32 }, 'no value'),
    ],
  );
}
