// The colours of a map and their key. Where there is a level that a random update would have
// everywhere, colours are how many times that.
import { s } from '../dom/svg.js';
import { scaleOf } from '../report/colour-scale.js';
import { shorten, shortTimes } from '../report/short-values.js';
import { PALETTES } from './palette.js';

/** @import { Values } from '../report/maps.js' */
/** @import { Format } from '../report/format.js' */
/** @import { PaletteName } from './palette.js' */

/**
 * Where values lie along the colours, and the marks of the key.
 * @typedef {object} MapScale
 * @property {PaletteName} palette
 * @property {(value: number) => number} place From 0 to 1.
 * @property {{ at: number, text: string }[]} marks
 */

/**
 * @param {Values} values
 * @param {object} options
 * @param {number | null} options.level
 * @param {boolean} options.log
 * @param {Format} options.format
 * @returns {MapScale}
 */
export function mapScale(values, { level, log, format }) {
  const write = shorten(format);
  const kind = level !== null && level > 0 ? 'ratio' : 'plain';
  const shown = Array.from(values, (value) => (kind === 'ratio' ? value / Number(level) : value));
  const { low, high, below, above, equal, count, partOf } = scaleOf(shown, kind, log);
  /** @type {(end: number, isBeyond: boolean, sign: string) => string} */
  const writeEnd = (end, isBeyond, sign) =>
    `${isBeyond ? `${sign} ` : ''}${kind === 'ratio' ? shortTimes(end) : write(end)}`;
  const ends = [
    { at: 0, text: writeEnd(low, below, '≤') },
    { at: 1, text: writeEnd(high, above, '≥') },
  ];
  if (kind === 'plain')
    return {
      palette: 'seq',
      place: partOf,
      marks: !count
        ? []
        : equal !== null
          ? [{ at: 0.5, text: `all equal: ${write(equal)}` }]
          : ends,
    };
  return {
    palette: 'div',
    place: (value) => partOf(value / Number(level)),
    marks: [ends[0], { at: 0.5, text: `1× = ${write(Number(level))}` }, ends[1]],
  };
}

let gradients = 0;

/**
 * The key of the colours.
 * @param {MapScale} scale
 * @param {number} width
 */
export function mapLegend({ palette, marks }, width) {
  const [left, length] = [30, width - 60];
  const id = `map-colours-${(gradients += 1)}`;
  const colours = PALETTES[palette];
  const svg = s(
    'svg',
    {
      width,
      height: 36,
      viewBox: `0 0 ${width} 36`,
      role: 'img',
      class: 'plot',
      'aria-label': `Colours: ${marks.map(({ text }) => text).join(', ')}`,
    },
    s(
      'defs',
      {},
      s(
        'linearGradient',
        { id },
        colours.map((colour, i) => {
          const stop = s('stop', { offset: i / (colours.length - 1) });
          stop.style.stopColor = colour;
          return stop;
        }),
      ),
    ),
    s('rect', { x: left, y: 4, width: length, height: 10, fill: `url(#${id})` }),
    marks.map(({ at, text }) => [
      s('line', {
        x1: left + at * length,
        x2: left + at * length,
        y1: 4,
        y2: 18,
        stroke: 'currentColor',
      }),
      s(
        'text',
        { x: left + at * length, y: 31, 'text-anchor': 'middle', fill: 'currentColor' },
        text,
      ),
    ]),
  );
  Object.assign(svg.style, {
    display: 'block',
    maxWidth: '100%',
    color: 'var(--text)',
    font: '12px system-ui, sans-serif',
  });
  return svg;
}
